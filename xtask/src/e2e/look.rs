//! A look at a page as it is shown: by axe-core in light and dark, at the width of a phone, in pictures.

use super::browser::{HEIGHT, WIDTH};
use super::person::Person;
use anyhow::{Context as _, Result, ensure};
use std::fs;
use std::path::PathBuf;

/// Looks at pages; keeps pictures of them if told where.
pub(super) struct Looker {
    axe: String,
    pictures: Option<PathBuf>,
}

impl Looker {
    /// With the text of axe-core, and a folder for pictures.
    pub(super) const fn new(axe: String, pictures: Option<PathBuf>) -> Self {
        Self { axe, pictures }
    }

    /// Checks this page, draws it, and says so.
    pub(super) fn looks(&self, me: &mut Person, name: &str) -> Result<()> {
        self.checks(me, name)?;
        self.draws(me, name)?;
        eprintln!("e2e:   {name}");
        Ok(())
    }

    /// Nothing on this page keeps people out, is wider than a phone, or did what it must not.
    pub(super) fn checks(&self, me: &mut Person, name: &str) -> Result<()> {
        me.browser.value("document.activeElement?.blur()")?;
        me.browser.value("scrollTo(0, 0)")?;
        me.browser.value(&self.axe).context("axe-core")?;
        for scheme in SCHEMES {
            me.browser.set_scheme(scheme)?;
            ask_axe(me).with_context(|| format!("{name}, {scheme}"))?;
        }
        me.browser.resize(PHONE, 780)?;
        ask_axe(me).with_context(|| format!("{name}, {PHONE} pixels wide"))?;
        let excess = me.browser.value("walk.excess()")?;
        ensure!(excess == 0, "{name}: {excess} pixels wider than a phone");
        let spilt: Vec<String> = serde_json::from_value(me.browser.value("walk.spilt()")?)?;
        let spilt = spilt.join(", ");
        ensure!(spilt.is_empty(), "{name}: spills over on a phone: {spilt}");
        me.browser.resize(WIDTH, HEIGHT)?;
        me.browser.set_scheme("light")?;
        let faults = me.browser.faults()?;
        ensure!(faults.is_empty(), "{name}: {}", faults.join("\n"));
        Ok(())
    }

    fn draws(&self, me: &mut Person, name: &str) -> Result<()> {
        let Some(folder) = &self.pictures else {
            return Ok(());
        };
        fs::create_dir_all(folder)?;
        let plain = plain(name);
        for (width, height) in [(PHONE, 780), (1440, 900), (2560, 1440)] {
            me.browser.resize(width, height)?;
            for scheme in SCHEMES {
                me.browser.set_scheme(scheme)?;
                me.browser.value("walk.rest()")?;
                let file = folder.join(format!("{plain}-{width}-{scheme}.png"));
                fs::write(file, me.browser.picture()?)?;
            }
        }
        me.browser.set_scheme("light")?;
        me.browser.resize(WIDTH, HEIGHT)
    }
}

fn ask_axe(me: &mut Person) -> Result<()> {
    me.browser.value("walk.rest()")?;
    let found: Vec<String> = serde_json::from_value(me.browser.value("walk.axe()")?)?;
    ensure!(found.is_empty(), "{}", found.join("\n"));
    Ok(())
}

/// The name of a page as that of a file.
fn plain(page: &str) -> String {
    let name = page.replace("...", "one");
    let words = name.split(|it: char| !it.is_ascii_alphanumeric());
    let words: Vec<&str> = words.filter(|it| !it.is_empty()).collect();
    match words.is_empty() {
        true => "timeline".to_owned(),
        false => words.join("-"),
    }
}

const SCHEMES: [&str; 2] = ["light", "dark"];
/// The narrowest that phones are.
const PHONE: u32 = 360;

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn pages_have_names_of_files() {
        for (page, expected) in [
            ("/", "timeline"),
            ("/?incident=...", "incident-one"),
            ("/settings/audit", "settings-audit"),
            ("/users/...", "users-one"),
        ] {
            assert_eq!(plain(page), expected);
        }
    }
}
