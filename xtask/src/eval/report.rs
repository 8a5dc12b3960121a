//! The scoreboard as files: the page for people, and JSON with each capture and each sum.

use super::record::Section;
use super::{detections, page};
use anyhow::{Context as _, Result};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

/// All that the page and the JSON say.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Report {
    pub(super) sections: Vec<Section>,
}

impl Report {
    /// What was committed; nothing if there is no file yet.
    pub(super) fn read(folder: &Path) -> Result<Self> {
        let path = folder.join(JSON);
        if !path.is_file() {
            return Ok(Self::default());
        }
        let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
        serde_json::from_str(&text).with_context(|| path.display().to_string())
    }

    pub(super) fn write(&self, folder: &Path) -> Result<()> {
        for (name, text) in self.files()? {
            let path = folder.join(name);
            fs::write(&path, text).with_context(|| path.display().to_string())?;
        }
        Ok(())
    }

    /// The names of the files that say something else.
    pub(super) fn stale(&self, folder: &Path) -> Result<Vec<String>> {
        let files = self.files()?.into_iter();
        let stale = files.filter(|(name, text)| {
            fs::read_to_string(folder.join(name)).ok().as_ref() != Some(text)
        });
        Ok(stale.map(|(name, _)| format!("docs/{name}")).collect())
    }

    fn files(&self) -> Result<[(&'static str, String); 2]> {
        Ok([(PAGE, page::markdown(self)?), (JSON, self.json()?)])
    }

    /// One line a capture and a sum, so that a difference is read line by line.
    fn json(&self) -> Result<String> {
        let mut text = "{\"generated_by\": \"cargo xtask eval\",\n\"sections\": [".to_owned();
        for (at, section) in self.sections.iter().enumerate() {
            let comma = if at == 0 { "" } else { "," };
            let name = json!(section.name);
            text += &format!("{comma}\n{{\"name\": {name},\n\"captures\": [");
            lines(&mut text, &section.captures)?;
            text += "],\n\"rest\": ";
            text += &serde_json::to_string(&section.rest)?;
            text += ",\n\"unlabelled\": ";
            text += &serde_json::to_string(&section.unlabelled)?;
            text += &format!(",\n\"honest_captures\": {}", section.honest_count());
            text += &format!(",\n\"speaking_captures\": {}", section.speaking_count());
            text += &format!(",\n\"honest_hours\": {:.4}", section.honest_hours());
            text += ",\n\"detections\": [";
            let sums: Vec<Value> = detections::sums(section)
                .iter()
                .map(|it| it.json(section))
                .collect();
            lines(&mut text, &sums)?;
            text += "]}";
        }
        text += "\n]";
        for (name, table) in page::sums(self)? {
            text += &format!(",\n\"{name}\": [");
            lines(&mut text, &table.json())?;
            text += "]";
        }
        Ok(text + "}\n")
    }
}

fn lines(text: &mut String, items: &[impl Serialize]) -> Result<()> {
    for (at, item) in items.iter().enumerate() {
        *text += if at == 0 { "\n" } else { ",\n" };
        *text += &serde_json::to_string(item)?;
    }
    Ok(())
}

const PAGE: &str = "scoreboard.md";
const JSON: &str = "scoreboard.json";
