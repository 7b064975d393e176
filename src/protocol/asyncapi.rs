//! The AsyncAPI 3 document of the WebSocket, from the same structs that the server decodes and encodes.

use super::{
    Delivered, DeliveredOk, Direct, Event, Hello, HelloOk, History, HistoryOk, Nothing, Op, PongOk, PresenceOf, PresenceOk, Read, ReadOk,
    Receipts, ReceiptsOk, RoomIdOk, RoomOk, RoomOnly, Send, SentOk, SetPresence, SetPresenceOk, Sync, SyncOk, Typing,
};
use crate::domain::Code;
use schemars::{JsonSchema, SchemaGenerator, generate::SchemaSettings};
use serde_json::{Map, Value, json};
use std::{fs, path::Path};

const FILE: &str = "docs/asyncapi.json";

/// An operation's request and reply.
fn operation<Request: JsonSchema, Reply: JsonSchema>(generator: &mut SchemaGenerator, name: &str) -> (Value, Value) {
    let id = json!({ "type": "integer", "description": "Chosen by the client; the reply carries it." });
    let head = json!({ "type": "object", "required": ["id", "op"], "properties": { "id": id, "op": { "const": name } } });
    let request = json!({ "allOf": [head, generator.subschema_for::<Request>()] });
    let reply = json!({ "type": "object", "required": ["id", "ok"], "properties": { "id": id, "ok": generator.subschema_for::<Reply>() } });
    (request, reply)
}

fn operations(generator: &mut SchemaGenerator) -> Vec<(&'static str, (Value, Value))> {
    macro_rules! table {
        ($($name:literal: $request:ty => $reply:ty),* $(,)?) => {
            vec![$(($name, operation::<$request, $reply>(generator, $name))),*]
        };
    }
    table!(
        "hello": Hello<'static> => HelloOk,
        "sync": Sync<'static> => SyncOk,
        "send": Send<'static> => SentOk,
        "history": History<'static> => HistoryOk,
        "read": Read<'static> => ReadOk,
        "delivered": Delivered<'static> => DeliveredOk,
        "receipts": Receipts<'static> => ReceiptsOk,
        "typing": Typing<'static> => Nothing,
        "join": RoomOnly<'static> => RoomOk,
        "leave": RoomOnly<'static> => RoomIdOk,
        "direct": Direct<'static> => RoomOk,
        "presence": PresenceOf<'static> => PresenceOk,
        "set_presence": SetPresence => SetPresenceOk,
        "ping": Nothing => PongOk,
    )
}

fn failure(generator: &mut SchemaGenerator) -> Value {
    let error = json!({
        "type": "object",
        "required": ["code", "message"],
        "properties": {
            "code": generator.subschema_for::<Code>(),
            "message": { "type": "string" },
            "fields": { "type": "object", "additionalProperties": { "type": "string" } },
            "retry_after_ms": { "type": "integer" },
        },
    });
    json!({ "type": "object", "required": ["id", "error"], "properties": { "id": { "type": ["integer", "null"] }, "error": error } })
}

/// One message an event: the variants of the tagged union.
fn events(generator: &mut SchemaGenerator) -> Vec<(String, Value)> {
    let schema = generator.root_schema_for::<Event<'static>>();
    let variants = schema.get("oneOf").and_then(Value::as_array).cloned().unwrap_or_default();
    let name = |variant: &Value| variant.pointer("/properties/event/const").and_then(Value::as_str).unwrap_or_default().to_owned();
    variants.into_iter().map(|variant| (name(&variant), variant)).collect()
}

fn document() -> Value {
    // References point to where AsyncAPI keeps schemas.
    let settings = SchemaSettings::draft2020_12().with(|s| s.definitions_path = "/components/schemas".into());
    let mut generator = SchemaGenerator::new(settings);
    let mut messages = Map::new();
    let mut all = Map::new();
    let mut flows = Map::new();
    let link = |name: &str| json!({ "$ref": format!("#/channels/ws/messages/{name}") });
    for (name, (request, reply)) in operations(&mut generator) {
        let (asked, answered) = (format!("{name}_request"), format!("{name}_reply"));
        messages.insert(asked.clone(), json!({ "name": name, "payload": request }));
        messages.insert(answered.clone(), json!({ "name": name, "payload": reply }));
        let answers = json!({ "channel": { "$ref": "#/channels/ws" }, "messages": [link(&answered), link("error")] });
        flows.insert(
            name.into(),
            json!({ "action": "receive", "channel": { "$ref": "#/channels/ws" }, "messages": [link(&asked)], "reply": answers }),
        );
    }
    messages.insert("error".into(), json!({ "name": "error", "payload": failure(&mut generator) }));
    let mut told = Vec::new();
    for (name, variant) in events(&mut generator) {
        let event = format!("{name}_event");
        told.push(link(&event));
        messages.insert(event, json!({ "name": name, "payload": variant }));
    }
    flows.insert("events".into(), json!({ "action": "send", "channel": { "$ref": "#/channels/ws" }, "messages": told }));
    for name in messages.keys() {
        all.insert(name.clone(), json!({ "$ref": format!("#/components/messages/{name}") }));
    }
    json!({
        "asyncapi": "3.0.0",
        "info": {
            "title": "Chirm over WebSocket",
            "version": "1",
            "description": "Text frames, one JSON object each, subprotocol chirm.v1. docs/protocol.md says what they mean.",
            "license": { "name": "MIT OR Apache-2.0" },
        },
        "defaultContentType": "application/json",
        "channels": { "ws": { "address": "/ws", "messages": all } },
        "operations": flows,
        "components": { "messages": messages, "schemas": generator.take_definitions(true) },
    })
}

/// With `CHIRM_UPDATE=1` the file is written; otherwise it must be what would be written.
#[test]
fn asyncapi_is_current() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(FILE);
    let wanted = format!("{:#}\n", document());
    if std::env::var_os("CHIRM_UPDATE").is_some() {
        fs::write(&path, &wanted).unwrap();
    }
    assert!(fs::read_to_string(&path).unwrap_or_default() == wanted, "{FILE} is not what the server speaks: run `make types`");
}

#[test]
fn every_frame_is_in_the_document() {
    let document = document();
    let messages = document["components"]["messages"].as_object().unwrap();
    for name in Op::NAMES {
        assert!(messages.contains_key(&format!("{name}_request")) && messages.contains_key(&format!("{name}_reply")), "{name}");
    }
    let protocol = include_str!("../../docs/protocol.md");
    for name in messages.keys().filter_map(|name| name.strip_suffix("_event")) {
        assert!(protocol.contains(&format!("`{name}`")), "docs/protocol.md says nothing of {name}");
    }
    let text = document.to_string();
    for reference in text.split("\"$ref\":\"#").skip(1).map(|rest| rest.split('"').next().unwrap()) {
        assert!(document.pointer(reference).is_some(), "{reference} leads nowhere");
    }
}
