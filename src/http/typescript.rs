//! REST's types for TypeScript clients, from the document that the server serves. What frames carry too is in the protocol's own file.

use super::docs;
use crate::protocol::typescript;
use serde_json::{Map, Value};
use std::{collections::BTreeSet, fmt::Write, fs, path::Path};

const FILE: &str = "web/packages/client/src/generated/rest.ts";

fn rest() -> String {
    let document = serde_json::to_value(docs::document()).unwrap();
    let frames = typescript::typescript();
    let is_shared = |name: &str| frames.contains(&format!("export type {name} "));
    let (mut text, mut shared) = (String::new(), BTreeSet::new());
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        if !is_shared(name) {
            declare(&mut text, name, schema);
            shared.extend(references(schema).into_iter().filter(|name| is_shared(name)));
        }
    }
    let imports = shared.into_iter().collect::<Vec<_>>().join(", ");
    format!(
        "// Made from the server's types by `make types`. Do not edit.\n\nimport type {{ {imports} }} from './protocol';\n\nexport type Uuid = string;\n{text}"
    )
}

fn declare(text: &mut String, name: &str, schema: &Value) {
    text.push('\n');
    doc(text, "", schema);
    match schema["properties"].as_object() {
        Some(fields) => {
            writeln!(text, "export interface {name} {{").unwrap();
            members(text, fields, schema);
            text.push_str("}\n");
        }
        None => writeln!(text, "export type {name} = {};", type_of(schema)).unwrap(),
    }
}

fn members(text: &mut String, fields: &Map<String, Value>, schema: &Value) {
    let required = |name: &str| schema["required"].as_array().is_some_and(|names| names.iter().any(|one| one == name));
    for (name, field) in fields {
        doc(text, "  ", field);
        writeln!(text, "  {name}{}: {};", if required(name) { "" } else { "?" }, type_of(field)).unwrap();
    }
}

fn doc(text: &mut String, indent: &str, schema: &Value) {
    if let Some(told) = schema["description"].as_str() {
        writeln!(text, "{indent}/** {} */", told.replace('\n', " ")).unwrap();
    }
}

fn type_of(schema: &Value) -> String {
    if let Some(name) = reference(schema) {
        return name;
    }
    let union = |list: &Vec<Value>, of: fn(&Value) -> String, with: &str| list.iter().map(of).collect::<Vec<_>>().join(with);
    if let Some(values) = schema["enum"].as_array() {
        return union(values, |value| format!("'{}'", value.as_str().unwrap()), " | ");
    }
    for (key, with) in [("oneOf", " | "), ("anyOf", " | "), ("allOf", " & ")] {
        if let Some(parts) = schema[key].as_array() {
            return union(parts, type_of, with);
        }
    }
    match &schema["type"] {
        Value::Array(kinds) => kinds.iter().map(|kind| plain(kind.as_str().unwrap(), schema)).collect::<Vec<_>>().join(" | "),
        kind => plain(kind.as_str().unwrap_or("unknown"), schema),
    }
}

fn plain(kind: &str, schema: &Value) -> String {
    match kind {
        "string" if schema["format"] == "uuid" => "Uuid".to_owned(),
        "integer" | "number" => "number".to_owned(),
        "array" => match type_of(&schema["items"]) {
            item if item.contains(' ') => format!("({item})[]"),
            item => format!("{item}[]"),
        },
        "object" => match &schema["additionalProperties"] {
            Value::Object(_) => format!("Record<string, {}>", type_of(&schema["additionalProperties"])),
            _ => "Record<string, unknown>".to_owned(),
        },
        other => other.to_owned(),
    }
}

fn reference(schema: &Value) -> Option<String> {
    Some(schema["$ref"].as_str()?.rsplit('/').next()?.to_owned())
}

fn references(schema: &Value) -> BTreeSet<String> {
    let inside: Box<dyn Iterator<Item = &Value>> = match schema {
        Value::Object(object) => Box::new(object.values()),
        Value::Array(list) => Box::new(list.iter()),
        _ => Box::new(std::iter::empty()),
    };
    inside.flat_map(references).chain(reference(schema)).collect()
}

/// With `CHIRM_UPDATE=1` the file is written; otherwise it must be what would be written.
#[test]
fn rest_types_are_current() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(FILE);
    let wanted = rest();
    if std::env::var_os("CHIRM_UPDATE").is_some() {
        fs::write(&path, &wanted).unwrap();
    }
    let found = fs::read_to_string(&path).unwrap_or_default();
    assert!(found == wanted, "{FILE} is not what the server speaks: run `make types`");
}

#[test]
fn shapes() {
    let shape = |text: &str| type_of(&serde_json::from_str(text).unwrap());
    for (schema, wanted) in [
        (r##"{"$ref":"#/components/schemas/Room"}"##, "Room"),
        (r#"{"type":["string","null"],"format":"uuid"}"#, "Uuid | null"),
        (r##"{"type":"array","items":{"oneOf":[{"type":"null"},{"$ref":"#/x/Role"}]}}"##, "(null | Role)[]"),
        (r#"{"type":"string","enum":["a","b"]}"#, "'a' | 'b'"),
        (r#"{"type":"object","additionalProperties":{"type":"string"}}"#, "Record<string, string>"),
        (r#"{"type":["object","null"]}"#, "Record<string, unknown> | null"),
        (r#"{"type":"integer","format":"int64"}"#, "number"),
    ] {
        assert_eq!(shape(schema), wanted, "{schema}");
    }
}
