//! A look at a page as it is shown: by axe-core in light and dark, at the width of a phone, in pictures.

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

    /// Nothing on this page keeps people out, is wider than a phone, or did what it must not.
    pub(super) fn looks(&mut self, me: &mut Person, name: &str) -> Result<()> {
        me.browser.value("document.activeElement?.blur()")?;
        me.browser.value("scrollTo(0, 0)")?;
        me.browser.value(&self.axe).context("axe-core")?;
        for scheme in SCHEMES {
            me.browser.set_scheme(scheme)?;
            me.browser.value("walk.rest()")?;
            let found = me.browser.value("walk.axe()")?;
            let found: Vec<String> = serde_json::from_value(found)?;
            ensure!(found.is_empty(), "{name}, {scheme}: {}", found.join("\n"));
        }
        me.browser.resize(PHONE, 780)?;
        let excess = me.browser.value("walk.excess()")?;
        ensure!(excess == 0, "{name}: {excess} pixels wider than a phone");
        let spilt: Vec<String> = serde_json::from_value(me.browser.value("walk.spilt()")?)?;
        let spilt = spilt.join(", ");
        ensure!(spilt.is_empty(), "{name}: spills over on a phone: {spilt}");
        self.draws(me, name)?;
        me.browser.resize(1280, 900)?;
        me.browser.set_scheme("light")?;
        let faults = me.browser.faults()?;
        ensure!(faults.is_empty(), "{name}: {}", faults.join("\n"));
        eprintln!("e2e:   {name}");
        Ok(())
    }

    fn draws(&self, me: &mut Person, name: &str) -> Result<()> {
        let Some(folder) = &self.pictures else {
            return Ok(());
        };
        fs::create_dir_all(folder)?;
        let plain = name.replace("/...", "-one").replace('/', "-");
        let plain = match plain.trim_matches('-') {
            "" => "timeline",
            plain => plain,
        };
        for (width, height) in [(PHONE, 780), (1440, 900), (2560, 1440)] {
            me.browser.resize(width, height)?;
            for scheme in SCHEMES {
                me.browser.set_scheme(scheme)?;
                me.browser.value("walk.rest()")?;
                let file = folder.join(format!("{plain}-{width}-{scheme}.png"));
                fs::write(file, me.browser.picture()?)?;
            }
        }
        Ok(())
    }
}

const SCHEMES: [&str; 2] = ["light", "dark"];
/// The narrowest that phones are.
const PHONE: u32 = 360;
