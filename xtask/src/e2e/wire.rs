//! The Chrome DevTools Protocol: calls out, answers and events in.
//!
//! Calls wait for their answer; what the browser tells meanwhile is kept until somebody asks.

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::{Value, json};
use std::net::TcpStream;
use std::time::{Duration, Instant};
use tungstenite::{Message, WebSocket};

/// A connection to a browser, and to one page of it once [`Self::attach`] was called.
pub(super) struct Wire {
    socket: WebSocket<TcpStream>,
    page: Option<String>,
    last: u64,
    events: Vec<Value>,
    begun: Instant,
}

impl Wire {
    /// Connects to the browser that listens on this port of this machine.
    pub(super) fn open(port: u16, path: &str) -> Result<Self> {
        let stream = TcpStream::connect(("127.0.0.1", port)).context("the browser's port")?;
        stream.set_read_timeout(Some(ANSWER_TIME_MAX))?;
        stream.set_nodelay(true)?;
        let address = format!("ws://127.0.0.1:{port}{path}");
        let (socket, _) = tungstenite::client(address, stream).context("the browser's socket")?;
        Ok(Self {
            socket,
            page: None,
            last: 0,
            events: Vec::new(),
            begun: Instant::now(),
        })
    }

    /// From now on calls go to the page that the browser began with, which is the one in front.
    pub(super) fn attach(&mut self) -> Result<()> {
        let targets = self.call("Target.getTargets", json!({}))?;
        let targets = targets.pointer("/targetInfos").and_then(Value::as_array);
        let page = targets
            .into_iter()
            .flatten()
            .find(|it| it.get("type").is_some_and(|it| it == "page"));
        let target = text(page.context("the browser shows no page")?, "/targetId")?;
        let target = json!({"targetId": target, "flatten": true});
        let session = self.call("Target.attachToTarget", target)?;
        self.page = Some(text(&session, "/sessionId")?);
        Ok(())
    }

    /// Asks, and waits for the answer.
    pub(super) fn call(&mut self, method: &str, parameters: Value) -> Result<Value> {
        ensure!(
            self.begun.elapsed() < WALK_TIME_MAX,
            "the walk takes too long"
        );
        self.last += 1;
        let mut call = json!({"id": self.last, "method": method});
        if let Some(fields) = call.as_object_mut() {
            fields.insert("params".to_owned(), parameters);
            if let Some(page) = &self.page {
                fields.insert("sessionId".to_owned(), page.as_str().into());
            }
        }
        self.socket.send(Message::text(call.to_string()))?;
        let since = Instant::now();
        loop {
            // Events may keep coming although the answer does not.
            ensure!(since.elapsed() < ANSWER_TIME_MAX, "{method}: no answer");
            let mut message = self.receive().with_context(|| method.to_owned())?;
            if message.get("method").is_some() {
                self.events.push(message);
                continue;
            }
            if message.get("id").and_then(Value::as_u64) != Some(self.last) {
                continue;
            }
            if let Some(error) = message.pointer("/error/message") {
                bail!("{method}: {error}");
            }
            return Ok(message.get_mut("result").map_or(Value::Null, Value::take));
        }
    }

    /// What the browser told since this was asked last.
    pub(super) fn events(&mut self) -> Vec<Value> {
        std::mem::take(&mut self.events)
    }

    fn receive(&mut self) -> Result<Value> {
        loop {
            match self.socket.read().context("the browser is silent")? {
                Message::Text(text) => return Ok(serde_json::from_str(&text)?),
                Message::Close(_) => bail!("the browser closed the connection"),
                _ => {}
            }
        }
    }
}

/// A text within an answer.
pub(super) fn text(answer: &Value, at: &str) -> Result<String> {
    let text = answer.pointer(at).and_then(Value::as_str);
    Ok(text
        .with_context(|| format!("no {at} in {answer}"))?
        .to_owned())
}

/// It takes well under a minute, and with pictures under two; whoever walks longer goes in circles.
const WALK_TIME_MAX: Duration = Duration::from_secs(900);

/// A browser that needs longer hangs.
const ANSWER_TIME_MAX: Duration = Duration::from_secs(60);
