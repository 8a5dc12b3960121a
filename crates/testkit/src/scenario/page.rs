//! A page and its sections.

use super::line::{Line, Names, parse_line};
use anyhow::{Context as _, Result, bail, ensure};
use realmward_profile::Settings;

/// A page of scenarios.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// Its sections, in order.
    pub sections: Vec<Section>,
}

/// What a section claims.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SectionKind {
    /// Hostile, and told.
    Attack,
    /// Honest, and left alone.
    Benign,
    /// Honest, and told all the same.
    Noise,
    /// Hostile, and not told.
    Blind,
}

impl SectionKind {
    /// Whether the section must raise a finding.
    #[must_use]
    pub const fn is_told(self) -> bool {
        matches!(self, Self::Attack | Self::Noise)
    }
}

/// One scenario.
#[derive(Clone, Debug)]
pub struct Section {
    /// What it claims.
    pub kind: SectionKind,
    /// Its title.
    pub title: String,
    /// What the operator set.
    pub settings: Settings,
    /// Its lines, in order.
    pub lines: Vec<Line>,
}

impl Page {
    /// Reads a page.
    ///
    /// # Errors
    ///
    /// When a section has no kind or not exactly one block, or a line is not understood.
    pub fn parse(text: &str) -> Result<Self> {
        let mut parts = text.split("\n## ");
        let mut shared = Names::default();
        for block in blocks(parts.next().unwrap_or_default(), "let") {
            for line in lines(block) {
                shared.define(line)?;
            }
        }
        let sections = parts
            .map(|part| Section::parse(part, shared.clone()))
            .collect::<Result<_>>()?;
        Ok(Self { sections })
    }
}

impl Section {
    fn parse(text: &str, mut names: Names) -> Result<Self> {
        let heading = text.lines().next().unwrap_or_default();
        let (kind, title) = heading
            .split_once(": ")
            .with_context(|| format!("`## {heading}`: not `kind: title`"))?;
        let kind = match kind {
            "attack" => SectionKind::Attack,
            "benign" => SectionKind::Benign,
            "noise" => SectionKind::Noise,
            "blind" => SectionKind::Blind,
            _ => bail!("`{kind}` is none of attack, benign, noise, blind"),
        };
        let found = blocks(text, "events");
        ensure!(
            found.len() == 1,
            "`{title}`: {} blocks of events, not one",
            found.len()
        );
        let mut section = Self {
            kind,
            title: title.to_owned(),
            settings: Settings::default(),
            lines: Vec::new(),
        };
        for line in found.into_iter().flat_map(lines) {
            section
                .take(line, &mut names)
                .with_context(|| format!("`{title}` at `{line}`"))?;
        }
        Ok(section)
    }

    fn take(&mut self, line: &str, names: &mut Names) -> Result<()> {
        if let Some(given) = line.strip_prefix("given ") {
            for field in given.split_whitespace() {
                self.given(field)?;
            }
        } else if line.starts_with("let ") {
            names.define(line)?;
        } else {
            let number = self.lines.len() + 1;
            self.lines.push(parse_line(number, line, names)?);
        }
        Ok(())
    }

    fn given(&mut self, field: &str) -> Result<()> {
        let (key, value) = field.split_once('=').context("not `key=value`")?;
        let settings = &mut self.settings;
        match key {
            "domain_controller" => settings.domain_controllers.push(value.parse()?),
            "honeytoken" => settings.honeytokens.push(value.into()),
            "sensitive" => settings.sensitive.push(value.into()),
            "assume_complete" => settings.assume_complete = value.parse()?,
            _ => bail!("`{key}` cannot be given"),
        }
        Ok(())
    }
}

/// The contents of all fenced blocks of this language.
fn blocks<'a>(text: &'a str, language: &str) -> Vec<&'a str> {
    text.split(&format!("```{language}\n"))
        .skip(1)
        .filter_map(|rest| rest.split("```").next())
        .collect()
}

fn lines(block: &str) -> impl Iterator<Item = &str> {
    block
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
}
