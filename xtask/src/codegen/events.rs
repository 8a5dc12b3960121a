//! The reference of events, from the doc comments of the `event` crate.

use super::Generated;
use super::pages::MARK;
use anyhow::{Context as _, Result};
use quote::ToTokens as _;
use std::fs;
use syn::{Attribute, Expr, Fields, Item, ItemEnum, ItemStruct, Lit, Meta};

/// `docs/events.md`.
pub(super) fn reference() -> Result<Generated> {
    let mut text = format!("{MARK}\n# Events\n\n");
    text += "Every layer of Realmward shares these types; `realmward-sensor read FILE` prints them as JSON lines.\n";
    text += "Fields are added, never renamed.\n";
    for path in crate::tree::files("crates/event/src", "rs")? {
        let source = fs::read_to_string(&path)?;
        let file = syn::parse_file(&source).with_context(|| crate::tree::relative(&path))?;
        let stem = path
            .file_stem()
            .and_then(|it| it.to_str())
            .unwrap_or_default();
        let heading = if stem == "lib" { "facts" } else { stem };
        text += &format!("\n## {heading}\n\n{}\n", docs(&file.attrs));
        for item in &file.items {
            match item {
                Item::Struct(it) if is_public(&it.vis) => text += &structure(it),
                Item::Enum(it) if is_public(&it.vis) => text += &enumeration(it),
                _ => {}
            }
        }
    }
    Ok(Generated {
        path: "docs/events.md".to_owned(),
        text,
    })
}

fn structure(it: &ItemStruct) -> String {
    let mut text = format!("\n### {}\n\n{}\n", it.ident, docs(&it.attrs));
    if let Fields::Named(fields) = &it.fields {
        text += "\n| field | type | meaning |\n| --- | --- | --- |\n";
        for field in &fields.named {
            let name = field
                .ident
                .as_ref()
                .map(ToString::to_string)
                .unwrap_or_default();
            text += &format!(
                "| `{name}` | `{}` | {} |\n",
                kind(&field.ty),
                one_line(&field.attrs)
            );
        }
    }
    text
}

fn enumeration(it: &ItemEnum) -> String {
    let mut text = format!("\n### {}\n\n{}\n\n", it.ident, docs(&it.attrs));
    text += "| variant | meaning |\n| --- | --- |\n";
    for variant in &it.variants {
        text += &format!("| `{}` | {} |\n", variant.ident, one_line(&variant.attrs));
    }
    text
}

fn kind(ty: &syn::Type) -> String {
    ty.to_token_stream().to_string().replace(' ', "")
}

fn is_public(visibility: &syn::Visibility) -> bool {
    matches!(visibility, syn::Visibility::Public(_))
}

fn one_line(attributes: &[Attribute]) -> String {
    docs(attributes).replace('\n', " ").replace('|', "\\|")
}

/// The doc comment without its examples and link brackets.
fn docs(attributes: &[Attribute]) -> String {
    let mut lines = Vec::new();
    let mut in_code = false;
    for attribute in attributes {
        let Meta::NameValue(meta) = &attribute.meta else {
            continue;
        };
        let Expr::Lit(value) = &meta.value else {
            continue;
        };
        let Lit::Str(line) = &value.lit else { continue };
        if !meta.path.is_ident("doc") {
            continue;
        }
        let line = line.value();
        if line.trim_start().starts_with("```") {
            in_code = !in_code;
        } else if !in_code {
            lines.push(line.trim().replace("[`", "`").replace("`]", "`"));
        }
    }
    lines.join("\n").trim().to_owned()
}
