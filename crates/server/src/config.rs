//! The configuration file: the options of the command line, in TOML, and nothing else.

use crate::options::Choices;
use anyhow::{Context as _, Result, anyhow};
use std::path::Path;

/// Reads the choices in a file.
pub(crate) fn read(path: &Path) -> Result<Choices> {
    let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
    toml::from_str(&text).map_err(|error| {
        let line = error
            .span()
            .and_then(|span| text.get(..span.start))
            .map_or(1, |before| before.matches('\n').count() + 1);
        let fault = error.message().lines().collect::<Vec<_>>().join(" ");
        anyhow!("{}, line {line}: {fault}", path.display())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::options::{FailOn, Format};

    fn read_text(text: &str) -> Result<Choices> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("realmward.toml");
        std::fs::write(&path, text).unwrap();
        read(&path)
    }

    #[test]
    fn every_option_can_stand_in_the_file() {
        let choices = read_text(
            "format = \"html\"\nout = \"report.html\"\npcap = \"packets\"\n\
             domain-controller = [\"10.0.0.5\"]\nhoneytoken = [\"hb\"]\nsensitive = [\"ceo\"]\n\
             exclude = [\"account=scan\"]\nassume-complete = true\nfail-on = \"high\"\n\
             threads = 2\nquiet = true\ncolor = \"never\"\nwidth = 100\n",
        )
        .unwrap();
        assert_eq!(choices.format, Some(Format::Html));
        assert_eq!(choices.fail_on, Some(FailOn::High));
        assert!(choices.assume_complete && choices.quiet);
    }

    #[test]
    fn a_fault_is_named_with_its_line() {
        for (text, fault) in [
            (
                "quiet = true\nhoneytokens = []\n",
                "line 2: unknown field `honeytokens`",
            ),
            ("\nthreads = \"two\"\n", "line 2: invalid type"),
            (
                "domain-controller = [\"dc1\"]",
                "line 1: invalid IP address syntax",
            ),
            ("quiet = ", "line 1: "),
        ] {
            let error = format!("{:#}", read_text(text).unwrap_err());
            assert!(error.contains(fault), "{text}: {error}");
            assert_eq!(error.lines().count(), 1);
        }
    }

    #[test]
    fn the_command_line_wins_and_lists_are_joined() {
        let file = read_text("format = \"html\"\nexclude = [\"account=a\"]\nthreads = 2").unwrap();
        let mine = Choices {
            format: Some(Format::Jsonl),
            exclude: vec!["account=b".into()],
            ..Choices::default()
        };
        let both = mine.over(file);
        assert_eq!(both.format, Some(Format::Jsonl));
        assert_eq!(both.exclude, ["account=a", "account=b"]);
        assert_eq!(both.threads, Some(2));
    }
}
