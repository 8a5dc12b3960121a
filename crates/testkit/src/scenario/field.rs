//! Words, and values as people write them.

use anyhow::{Result, ensure};
use serde_json::Value;

/// Splits at spaces, but not inside quotes, brackets and braces. Quotes around a whole value go.
pub(super) fn words(text: &str) -> Result<Vec<String>> {
    let mut words = Vec::new();
    let mut word = String::new();
    let (mut quoted, mut depth) = (false, 0_u32);
    for c in text.chars() {
        match c {
            '"' => quoted = !quoted,
            '{' | '[' if !quoted => depth += 1,
            '}' | ']' if !quoted => depth = depth.saturating_sub(1),
            _ => {}
        }
        if c.is_whitespace() && !quoted && depth == 0 {
            if !word.is_empty() {
                words.push(std::mem::take(&mut word));
            }
        } else if c != '"' || 0 < depth {
            word.push(c);
        }
    }
    ensure!(!quoted && depth == 0, "a quote or bracket is left open");
    if !word.is_empty() {
        words.push(word);
    }
    Ok(words)
}

/// A value in the place of `old`: a number where a number stood, a list where a list stood.
pub(super) fn value(old: &Value, text: &str) -> Value {
    if text.starts_with(['{', '['])
        && let Ok(value) = serde_json::from_str(text)
    {
        return value;
    }
    match old {
        Value::String(_) => Value::from(text),
        Value::Array(_) => text
            .split(',')
            .filter(|it| !it.is_empty())
            .map(scalar)
            .collect(),
        _ => scalar(text),
    }
}

fn scalar(text: &str) -> Value {
    if let Some(number) = text
        .strip_prefix("0x")
        .and_then(|digits| u64::from_str_radix(&digits.replace('_', ""), 16).ok())
    {
        return Value::from(number);
    }
    if let Ok(number) = text.parse::<i64>() {
        return Value::from(number);
    }
    match text {
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        "null" => Value::Null,
        _ => Value::from(text),
    }
}
