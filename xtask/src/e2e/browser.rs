//! Chromium without a screen: a page of it that can be told to go, press, draw and answer.
//!
//! Any Chromium or Chrome will do; no driver of somebody else's has to be installed and fit it.
//! The certificate of the server was made by itself; this page alone is told to believe it.

use super::watch::Watch;
use super::wire::{Wire, text};
use anyhow::{Context as _, Result, bail};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use std::fs::{self, File};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// A browser with one page.
pub(super) struct Browser {
    process: Child,
    wire: Wire,
    watch: Watch,
}

impl Browser {
    /// Starts it with everything it keeps in `folder`; what it downloads goes to `downloads`.
    pub(super) fn start(program: &Path, folder: &Path, downloads: &Path) -> Result<Self> {
        fs::create_dir_all(folder)?;
        let log = File::create(folder.join("browser.log"))?;
        let mut command = Command::new(program);
        command.args(SWITCHES);
        if super::tools::is_root() {
            command.arg("--no-sandbox");
        }
        let process = command
            .arg(format!("--user-data-dir={}", folder.display()))
            .arg("about:blank")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .with_context(|| format!("starting {}", program.display()))?;
        let mut guard = Ended(Some(process));
        let (port, path) = listens(&folder.join("DevToolsActivePort"))
            .with_context(|| fs::read_to_string(folder.join("browser.log")).unwrap_or_default())?;
        let wire = Wire::open(port, &path)?;
        let mut browser = Self {
            process: guard.0.take().context("no browser")?,
            wire,
            watch: Watch::default(),
        };
        browser.prepare(downloads)?;
        Ok(browser)
    }

    fn prepare(&mut self, downloads: &Path) -> Result<()> {
        let allow = json!({"behavior": "allow", "downloadPath": downloads});
        self.call("Browser.setDownloadBehavior", allow)?;
        self.wire.attach()?;
        for room in [
            "Page",
            "Runtime",
            "Network",
            "Log",
            "Audits",
            "DOM",
            "Accessibility",
        ] {
            self.call(&format!("{room}.enable"), json!({}))?;
        }
        self.call(
            "Security.setIgnoreCertificateErrors",
            json!({"ignore": true}),
        )?;
        self.call(
            "Emulation.setFocusEmulationEnabled",
            json!({"enabled": true}),
        )?;
        let put = json!({"source": include_str!("page.js")});
        self.call("Page.addScriptToEvaluateOnNewDocument", put)?;
        self.resize(WIDTH, HEIGHT)
    }

    /// Pages may ask this server and no other.
    pub(super) fn set_home(&mut self, home: &str) {
        self.watch.set_home(home);
    }

    /// Goes to an address, as if it were typed.
    pub(super) fn go(&mut self, address: &str) -> Result<()> {
        let answer = self.call("Page.navigate", json!({"url": address}))?;
        if let Some(error) = answer.get("errorText") {
            bail!("{address}: {error}");
        }
        self.until(READY)
    }

    /// The value of an expression; a promise is waited for.
    pub(super) fn value(&mut self, expression: &str) -> Result<Value> {
        let question = json!({
            "expression": expression, "returnByValue": true, "awaitPromise": true,
        });
        let answer = self.call("Runtime.evaluate", question)?;
        if let Some(fault) = answer.pointer("/exceptionDetails/exception/description") {
            bail!(
                "`{}`: {fault}",
                expression.chars().take(200).collect::<String>()
            );
        }
        let value = answer.pointer("/result/value");
        Ok(value.cloned().unwrap_or(Value::Null))
    }

    /// The value of an expression, as text.
    pub(super) fn text(&mut self, expression: &str) -> Result<String> {
        let value = self.value(expression)?;
        let text = value.as_str().map(str::to_owned);
        Ok(text.unwrap_or_else(|| value.to_string()))
    }

    /// Waits until an expression is true. While one page goes and another comes, none is.
    pub(super) fn until(&mut self, expression: &str) -> Result<()> {
        let since = Instant::now();
        while !self.value(expression).is_ok_and(|it| it == true) {
            if PATIENCE < since.elapsed() {
                bail!("waited in vain for `{expression}`");
            }
            thread::sleep(BETWEEN_LOOKS);
        }
        Ok(())
    }

    /// Changes how many pixels the page has.
    pub(super) fn resize(&mut self, width: u32, height: u32) -> Result<()> {
        let size = json!({
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false,
        });
        self.call("Emulation.setDeviceMetricsOverride", size)?;
        Ok(())
    }

    /// Has the page believe that the person likes it `light` or `dark`.
    pub(super) fn set_scheme(&mut self, scheme: &str) -> Result<()> {
        let feature = json!({"name": "prefers-color-scheme", "value": scheme});
        self.call("Emulation.setEmulatedMedia", json!({"features": [feature]}))?;
        Ok(())
    }

    /// A picture of the whole page, as PNG.
    pub(super) fn picture(&mut self) -> Result<Vec<u8>> {
        let size = self.call("Page.getLayoutMetrics", json!({}))?;
        let edge = |name: &str| {
            let edge = size.pointer(&format!("/cssContentSize/{name}"));
            edge.and_then(Value::as_f64).unwrap_or_default()
        };
        let clip = json!({
            "x": 0, "y": 0, "scale": 1, "width": edge("width"),
            "height": edge("height").min(PICTURE_HEIGHT_MAX),
        });
        let picture = json!({"format": "png", "clip": clip, "captureBeyondViewport": true});
        let answer = self.call("Page.captureScreenshot", picture)?;
        Ok(STANDARD.decode(text(&answer, "/data")?)?)
    }

    /// What pages did and must not, since this was asked last.
    pub(super) fn faults(&mut self) -> Result<Vec<String>> {
        // An answer comes after everything that was told before the question.
        self.value("1")?;
        Ok(self.watch.faults())
    }

    /// Asks the browser anything that its protocol has.
    pub(super) fn call(&mut self, method: &str, parameters: Value) -> Result<Value> {
        let answer = self.wire.call(method, parameters);
        for event in self.wire.events() {
            self.watch.hear(&event);
        }
        answer
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.wire.call("Browser.close", json!({}));
        let since = Instant::now();
        while since.elapsed() < FAREWELL_TIME_MAX {
            if self.process.try_wait().is_ok_and(|it| it.is_some()) {
                return;
            }
            thread::sleep(BETWEEN_LOOKS);
        }
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Ends a process that nobody took over.
struct Ended(Option<Child>);

impl Drop for Ended {
    fn drop(&mut self) {
        if let Some(process) = &mut self.0 {
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}

/// Port and path, which the browser writes down when it listens.
fn listens(file: &Path) -> Result<(u16, String)> {
    let since = Instant::now();
    while since.elapsed() < PATIENCE {
        let text = fs::read_to_string(file).unwrap_or_default();
        if let Some((port, path)) = text.split_once('\n')
            && path.starts_with('/')
        {
            return Ok((port.parse()?, path.trim().to_owned()));
        }
        thread::sleep(BETWEEN_LOOKS);
    }
    bail!("the browser does not listen")
}

/// Nothing but the pages: a browser of its own asks its maker for news.
const SWITCHES: &[&str] = &[
    "--headless=new",
    "--remote-debugging-port=0",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-background-networking",
    "--disable-background-timer-throttling",
    "--disable-backgrounding-occluded-windows",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-dev-shm-usage",
    "--disable-extensions",
    "--disable-gpu",
    "--disable-quic",
    "--disable-renderer-backgrounding",
    "--disable-sync",
    "--hide-scrollbars",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    "--lang=en",
];

/// The page is there, and so is what the walk puts into it.
pub(super) const READY: &str =
    "document.readyState === 'complete' && location.protocol !== 'about:' && !!globalThis.walk";

/// A small screen of a desk.
pub(super) const WIDTH: u32 = 1280;
pub(super) const HEIGHT: u32 = 900;

/// A page that needs longer is broken, even on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);
const BETWEEN_LOOKS: Duration = Duration::from_millis(20);
const FAREWELL_TIME_MAX: Duration = Duration::from_secs(5);

/// Longer pages are cut, or a picture is too big to look at.
const PICTURE_HEIGHT_MAX: f64 = 4000.0;
