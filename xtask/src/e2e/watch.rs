//! What a page does and must not: ask another host, fail, break its own policy.
//!
//! The browser tells of it in events of its protocol; nothing is put into the page for it.

use serde_json::Value;

/// Listens to a browser.
#[derive(Default)]
pub(super) struct Watch {
    home: String,
    faults: Vec<String>,
}

impl Watch {
    /// From now on pages may ask this server (`https://HOST:PORT`) and no other.
    pub(super) fn set_home(&mut self, home: &str) {
        home.clone_into(&mut self.home);
    }

    /// Looks at one event.
    pub(super) fn hear(&mut self, event: &Value) {
        let method = event.get("method").and_then(Value::as_str);
        let parameters = event.get("params").unwrap_or(&Value::Null);
        let fault = match method.unwrap_or_default() {
            "Network.requestWillBeSent" => self.foreign(at(parameters, "/request/url")),
            "Network.webSocketCreated" => Some(format!("opened {}", at(parameters, "/url"))),
            "Runtime.exceptionThrown" => Some(format!(
                "its script failed: {} {}",
                at(parameters, "/exceptionDetails/text"),
                at(parameters, "/exceptionDetails/exception/description")
            )),
            "Runtime.consoleAPICalled" if is_bad(at(parameters, "/type")) => Some(format!(
                "its script complained: {}",
                at(parameters, "/args/0/value")
            )),
            "Log.entryAdded" if is_bad(at(parameters, "/entry/level")) => Some(format!(
                "{}: {} {}",
                at(parameters, "/entry/source"),
                at(parameters, "/entry/text"),
                at(parameters, "/entry/url")
            )),
            "Audits.issueAdded"
                if at(parameters, "/issue/code") == "ContentSecurityPolicyIssue" =>
            {
                let details = parameters.pointer("/issue/details").unwrap_or(&Value::Null);
                Some(format!("breaks its content security policy: {details}"))
            }
            _ => None,
        };
        self.faults.extend(fault);
    }

    /// What was found since this was asked last.
    pub(super) fn faults(&mut self) -> Vec<String> {
        std::mem::take(&mut self.faults)
    }

    fn foreign(&self, address: &str) -> Option<String> {
        let is_home = address
            .strip_prefix(&self.home)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        let is_local = ["data:", "blob:", "about:"]
            .iter()
            .any(|it| address.starts_with(it));
        (!is_home && !is_local).then(|| format!("asked another host: {address}"))
    }
}

fn is_bad(level: &str) -> bool {
    matches!(level, "error" | "warning" | "assert")
}

fn at<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value
        .pointer(pointer)
        .and_then(Value::as_str)
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn check(method: &str, parameters: &Value, expected: &str) {
        let mut watch = Watch::default();
        watch.set_home("https://127.0.0.1:8443");
        watch.hear(&json!({"method": method, "params": parameters}));
        assert_eq!(watch.faults().join("\n"), expected);
    }

    #[test]
    fn a_request_to_another_host_is_told() {
        let asks = |url: &str, expected: &str| {
            let parameters = json!({"request": {"url": url}});
            check("Network.requestWillBeSent", &parameters, expected);
        };
        asks("https://127.0.0.1:8443/users", "");
        asks("data:image/png;base64,AA", "");
        asks(
            "https://127.0.0.1:84431/",
            "asked another host: https://127.0.0.1:84431/",
        );
        asks(
            "http://127.0.0.1:8443/",
            "asked another host: http://127.0.0.1:8443/",
        );
        asks(
            "https://fonts.example/x.css",
            "asked another host: https://fonts.example/x.css",
        );
    }

    #[test]
    fn complaints_are_told_and_chatter_is_not() {
        let log = |level: &str| json!({"entry": {"level": level, "source": "security", "text": "refused", "url": "x"}});
        check("Log.entryAdded", &log("info"), "");
        check("Log.entryAdded", &log("error"), "security: refused x");
        let said = |kind: &str| json!({"type": kind, "args": [{"value": "oh"}]});
        check("Runtime.consoleAPICalled", &said("log"), "");
        check(
            "Runtime.consoleAPICalled",
            &said("error"),
            "its script complained: oh",
        );
        let issue = |code: &str| json!({"issue": {"code": code, "details": {"a": 1}}});
        check("Audits.issueAdded", &issue("LowTextContrastIssue"), "");
        check(
            "Audits.issueAdded",
            &issue("ContentSecurityPolicyIssue"),
            "breaks its content security policy: {\"a\":1}",
        );
    }
}
