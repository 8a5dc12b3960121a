//! Somebody at a keyboard: finds things by what they are and are called, presses keys, reads.
//!
//! Things are found by role and name as the browser tells them to a screen reader, so that a change
//! of markup or style does not matter, and a thing without a name cannot be found.

use super::browser::{Browser, READY};
use super::wire::text;
use anyhow::{Context as _, Result, bail, ensure};
use serde_json::{Value, json};
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

/// Somebody, at a browser.
pub(super) struct Person {
    pub(super) browser: Browser,
    home: String,
}

/// A thing on the page, as the browser numbers it.
pub(super) struct Thing {
    object: String,
}

impl Person {
    /// At a browser that has shown nothing yet.
    pub(super) const fn new(browser: Browser) -> Self {
        Self {
            browser,
            home: String::new(),
        }
    }

    /// From now on the server is at this address.
    pub(super) fn moves_to(&mut self, home: &str) {
        home.clone_into(&mut self.home);
        self.browser.set_home(home);
    }

    /// Types the address of a page.
    pub(super) fn opens(&mut self, place: &str) -> Result<()> {
        self.browser.go(&format!("{}{place}", self.home))
    }

    /// Leaves the portal, so that nothing of it asks the server any more.
    pub(super) fn looks_away(&mut self) -> Result<()> {
        self.browser
            .call("Page.navigate", json!({"url": "about:blank"}))?;
        self.browser.until("location.protocol === 'about:'")
    }

    /// Path and query of the page that is shown.
    pub(super) fn place(&mut self) -> Result<String> {
        self.browser.text("location.pathname + location.search")
    }

    /// Waits until the page is this, or one below it if it ends with `/`.
    pub(super) fn arrives_at(&mut self, place: &str) -> Result<()> {
        let question = match place.strip_suffix('/') {
            Some(above) if !above.is_empty() => {
                format!("location.pathname.startsWith({place:?}) && {READY}")
            }
            _ => format!("location.pathname === {place:?} && {READY}"),
        };
        let wait = self.browser.until(&question);
        let at = self.place().unwrap_or_default();
        wait.with_context(|| format!("on the way to {place}, at {at}"))
    }

    /// Waits until path and query of the page are these.
    pub(super) fn arrives_exactly_at(&mut self, place: &str) -> Result<()> {
        let question = format!("location.pathname + location.search === {place:?} && {READY}");
        let wait = self.browser.until(&question);
        let at = self.place().unwrap_or_default();
        wait.with_context(|| format!("on the way to {place}, at {at}"))
    }

    /// Waits until this can be read on the page.
    pub(super) fn reads(&mut self, words: &str) -> Result<()> {
        let words = words.to_lowercase();
        let question =
            format!("document.body.innerText.toLowerCase().includes({words:?}) && {READY}");
        let wait = self.browser.until(&question);
        let at = self.place().unwrap_or_default();
        wait.with_context(|| format!("reading {at}"))
    }

    /// Presses keys, one after the other: `Tab`, `Control+k`, `g u`.
    pub(super) fn presses(&mut self, keys: &str) -> Result<()> {
        keys.split(' ').try_for_each(|it| self.press(it))
    }

    /// Types into what has the focus.
    pub(super) fn types(&mut self, words: &str) -> Result<()> {
        self.browser
            .call("Input.insertText", json!({"text": words}))
            .map(drop)
    }

    /// Finds what has this role and this in its name.
    pub(super) fn finds(&mut self, role: &str, name: &str) -> Result<Thing> {
        let since = Instant::now();
        loop {
            // While the page changes, nothing is found.
            if let Ok(Some(thing)) = self.sees(role, name) {
                return Ok(thing);
            }
            if PATIENCE < since.elapsed() {
                bail!("no {role} “{name}” on {}", self.place()?);
            }
            thread::sleep(BETWEEN_LOOKS);
        }
    }

    /// What has this role and this in its name, if there is such a thing now.
    pub(super) fn sees(&mut self, role: &str, name: &str) -> Result<Option<Thing>> {
        let document = json!({"expression": "document"});
        let document = self.browser.call("Runtime.evaluate", document)?;
        let document = text(&document, "/result/objectId")?;
        let question = json!({"objectId": document, "role": role});
        let answer = self.browser.call("Accessibility.queryAXTree", question)?;
        let nodes = answer.pointer("/nodes").and_then(Value::as_array);
        let found = nodes.into_iter().flatten().find(|it| {
            let called = it.pointer("/name/value").and_then(Value::as_str);
            it.pointer("/ignored").and_then(Value::as_bool) != Some(true)
                && called.is_some_and(|it| it.contains(name))
        });
        let Some(number) = found.and_then(|it| it.get("backendDOMNodeId")) else {
            return Ok(None);
        };
        let node = self
            .browser
            .call("DOM.resolveNode", json!({"backendNodeId": number}))?;
        let object = text(&node, "/object/objectId")?;
        Ok(Some(Thing { object }))
    }

    /// Presses Tab until the thing has the focus.
    pub(super) fn tabs_to(&mut self, role: &str, name: &str) -> Result<Thing> {
        let thing = self.finds(role, name)?;
        for _ in 0..STOPS_MAX {
            if self.asks(&thing, "document.activeElement === this")? == true {
                return Ok(thing);
            }
            self.press("Tab")?;
        }
        bail!("Tab does not reach {role} “{name}” on {}", self.place()?)
    }

    /// Presses Tab until the thing has the focus, then Enter.
    pub(super) fn enters(&mut self, role: &str, name: &str) -> Result<()> {
        self.tabs_to(role, name)?;
        self.press("Enter")
    }

    /// Fills a field.
    pub(super) fn fills(&mut self, field: &str, words: &str) -> Result<()> {
        self.tabs_to("textbox", field)?;
        self.types(words)
    }

    /// Picks from a list that opens, by the arrow keys.
    pub(super) fn picks(&mut self, list: &str, option: &str) -> Result<()> {
        let thing = self.tabs_to("combobox", list)?;
        self.press("Home")?;
        for _ in 0..OPTIONS_MAX {
            let chosen = self.asks(&thing, "this.selectedOptions[0].textContent")?;
            if chosen.as_str().is_some_and(|it| it.contains(option)) {
                return Ok(());
            }
            self.press("ArrowDown")?;
        }
        bail!("“{list}” has no “{option}”")
    }

    /// Drags a file over the thing and lets it go.
    pub(super) fn drops(&mut self, file: &Path, thing: &Thing) -> Result<()> {
        self.asks(thing, "this.scrollIntoView({block: 'center'})")?;
        let middle = "(() => { const box = this.getBoundingClientRect(); \
                      return [box.x + box.width / 2, box.y + box.height / 2]; })()";
        let middle = self.asks(thing, middle)?;
        let (x, y) = (middle.get(0), middle.get(1));
        let data = json!({"items": [], "files": [file], "dragOperationsMask": 1});
        for kind in ["dragEnter", "dragOver", "drop"] {
            let event = json!({"type": kind, "x": x, "y": y, "data": data});
            self.browser.call("Input.dispatchDragEvent", event)?;
        }
        Ok(())
    }

    /// The value of an expression in which `this` is the thing.
    pub(super) fn asks(&mut self, thing: &Thing, expression: &str) -> Result<Value> {
        let question = json!({
            "objectId": thing.object, "returnByValue": true,
            "functionDeclaration": format!("function() {{ return {expression}; }}"),
        });
        let mut answer = self.browser.call("Runtime.callFunctionOn", question)?;
        let value = answer.pointer_mut("/result/value");
        Ok(value.map_or(Value::Null, Value::take))
    }

    fn press(&mut self, key: &str) -> Result<()> {
        let (is_with_control, key) = match key.strip_prefix("Control+") {
            Some(key) => (true, key),
            None => (false, key),
        };
        let code = KEYS.iter().find(|it| it.0 == key).map(|it| it.1);
        let is_letter = key.chars().count() == 1;
        ensure!(is_letter || code.is_some(), "no key {key}");
        for kind in ["keyDown", "keyUp"] {
            let mut event = json!({
                "type": kind, "key": key, "code": if is_letter { "" } else { key },
                "windowsVirtualKeyCode": code.unwrap_or_default(),
                "modifiers": if is_with_control { CONTROL } else { 0 },
            });
            let written = if key == "Enter" { "\r" } else { key };
            if kind == "keyDown"
                && !is_with_control
                && (is_letter || key == "Enter")
                && let Some(fields) = event.as_object_mut()
            {
                fields.insert("text".to_owned(), written.into());
            }
            self.browser.call("Input.dispatchKeyEvent", event)?;
        }
        Ok(())
    }
}

/// Keys that are no letters, with the codes by which browsers know them.
const KEYS: &[(&str, u32)] = &[
    ("Tab", 9),
    ("Enter", 13),
    ("Escape", 27),
    ("Home", 36),
    ("ArrowDown", 40),
];
const CONTROL: u32 = 2;

/// More than any page has; whoever presses longer is in a trap.
pub(super) const STOPS_MAX: usize = 1500;
const OPTIONS_MAX: usize = 20;
const PATIENCE: Duration = Duration::from_secs(20);
const BETWEEN_LOOKS: Duration = Duration::from_millis(20);
