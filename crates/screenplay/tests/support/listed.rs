//! A script in the shape that `kinora inspect --json` lists, short enough to write down.

use kinora_screenplay::parse;
use serde_json::{Value, json};

/// Elements as `[type, text]`, with further keys in an object where they apply; lines are left out.
pub fn listed(source: &str) -> Value {
    let screenplay = parse(source).screenplay;
    let rows = screenplay.elements().map(|element| {
        let Ok(Value::Object(mut map)) = serde_json::to_value(&element) else { return Value::Null };
        map.remove("line");
        let mut row = vec![map.remove("type").unwrap_or_default(), map.remove("text").unwrap_or_default()];
        row.extend((!map.is_empty()).then_some(Value::Object(map)));
        json!(row)
    });
    Value::Array(rows.collect())
}
