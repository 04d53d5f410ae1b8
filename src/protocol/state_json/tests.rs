//! States as JSON: what is written is read back as it was, and nothing else is believed.

use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::nodes::{Leaf, Node, TableNode, write};
use super::*;
use crate::state::Image;

/// An image of these objects, of which the first is the state.
fn image(nodes: &[Node<'_>]) -> Image {
    let image = write(nodes, &[(STATE, Leaf::Node(0))], 7);
    Image::from_bytes(&image.to_bytes()).expect("it is sound")
}

fn text(text: &str) -> Leaf<'_> {
    Leaf::of_text(text)
}

fn table<'j>(array: Vec<Leaf<'j>>, entries: Vec<(Leaf<'j>, Leaf<'j>)>) -> TableNode<'j> {
    TableNode {
        array,
        entries,
        ..TableNode::default()
    }
}

/// Through text, as a file would go.
fn read(json: &Json) -> Result<Image, BadState> {
    let json: Json = serde_json::from_str(&json.to_string()).expect("it is JSON");
    state_from_json(&json, 7)
}

#[track_caller]
fn check_round(image: &Image) -> Json {
    let json = state_to_json(image);
    let again = read(&json).expect("what we write, we read");
    assert!(again.is_same(image), "{json}");
    assert_eq!(again.state_version(), 7);
    assert_eq!(state_to_json(&again), json);
    json
}

#[track_caller]
fn check(nodes: &[Node<'_>], expected: Json) {
    assert_eq!(check_round(&image(nodes)), expected);
}

#[test]
fn a_state_reads_as_json_wherever_json_can_say_it() {
    check(&[Node::Table(table(vec![], vec![]))], json!({}));
    let enemy = vec![
        (text("name"), text("orc")),
        (text("is_up"), Leaf::Bool(true)),
    ];
    check(
        &[
            Node::Table(table(vec![], vec![(text("enemies"), Leaf::Node(1))])),
            Node::Table(table(vec![Leaf::Node(2), Leaf::Node(2)], vec![])),
            Node::Table(table(vec![], enemy)),
        ],
        json!({ "enemies": [{ "is_up": true, "name": "orc" }, { "$ref": 2 }] }),
    );
}

#[test]
fn what_only_a_state_has_gets_a_form() {
    let object = TableNode {
        is_frozen: true,
        metatable: Some(Leaf::Named("Unit")),
        function: None,
        array: vec![Leaf::Null, Leaf::Opaque(1), Leaf::Node(1), Leaf::Node(1)],
        entries: vec![(text("run"), Leaf::Named("Unit.run"))],
    };
    check(
        &[Node::Table(object), Node::Buffer(vec![0, 255])],
        json!({ "$object": {
            "metatable": { "$named": "Unit" },
            "frozen": true,
            "table": { "$table": [
                [1, { "$null": true }],
                [2, { "$opaque": "coroutine" }],
                [3, { "$buffer": "AP8=" }],
                [4, { "$buffer": { "$ref": 0 } }],
                ["run", { "$named": "Unit.run" }],
            ] },
        } }),
    );
}

#[test]
fn functions_and_classes_are_kept_by_what_they_are() {
    let object = TableNode {
        metatable: Some(Leaf::Node(1)),
        ..table(vec![], vec![])
    };
    let class = table(
        vec![],
        vec![
            (text("__index"), Leaf::Node(1)),
            (text("owner"), Leaf::Node(0)),
        ],
    );
    let function = TableNode {
        function: Some("make > inc"),
        ..table(vec![], vec![(text("n"), Leaf::Bool(true))])
    };
    let nodes = [
        Node::Table(object),
        Node::Table(class),
        Node::Table(function),
    ];
    let slots = [("state", Leaf::Node(0)), ("local inc", Leaf::Node(2))];
    let json = check_round(&write(&nodes, &slots, 7));
    let class = json!({ "__index": { "$ref": 1 }, "owner": { "$ref": 0 } });
    let inc = json!({ "place": "make > inc", "variables": { "n": true } });
    assert_eq!(
        json,
        json!({ "$slots": {
            "state": { "$object": { "metatable": class, "table": {} } },
            "local inc": { "$function": inc },
        } })
    );
}

#[test]
fn the_two_kinds_of_numbers_are_told_apart() {
    let numbers = table(vec![Leaf::Int(3), Leaf::of_float(3.0)], vec![]);
    let expected = match HAS_INTEGERS {
        true => json!([3, 3.0]),
        false => json!([{ "$integer": 3 }, 3]),
    };
    check(&[Node::Table(numbers)], expected);
}

#[test]
fn a_state_may_be_deeper_than_json_can_be() {
    let mut list: Vec<Node<'_>> = (1..10_000)
        .map(|n| Node::Table(table(vec![], vec![(text("next"), Leaf::Node(n))])))
        .collect();
    list.push(Node::Table(table(vec![Leaf::Node(0)], vec![])));
    let json = check_round(&image(&list));
    assert!(
        json["$parts"]
            .as_array()
            .is_some_and(|parts| parts.len() > 90)
    );
}

#[test]
fn slots_beside_the_state_are_kept_by_name() {
    let nodes = [Node::Table(table(vec![], vec![]))];
    let slots = [("state", Leaf::Node(0)), ("local alias", Leaf::Node(0))];
    let json = check_round(&write(&nodes, &slots, 7));
    assert_eq!(
        json,
        json!({ "$slots": { "state": {}, "local alias": { "$ref": 0 } } })
    );
}

#[test]
fn a_part_alone_may_be_cut_at_a_depth_and_is_then_refused() {
    let nodes = [
        Node::Table(table(vec![Leaf::Node(1)], vec![])),
        Node::Table(table(vec![Leaf::Null], vec![])),
    ];
    let image = image(&nodes);
    let value = image.find(STATE, "").expect("a state");
    let json = part_to_json(&image, value, Some(1));
    assert_eq!(json, json!([{ "$more": 1 }]));
    assert!(read(&json).is_err());
}

#[track_caller]
fn check_refused(json: Json, why: &str) {
    let refusal = read(&json).expect_err("it is refused").to_string();
    assert!(refusal.contains(why), "{json}: {refusal}");
}

#[test]
fn what_is_no_state_is_refused_with_the_reason() {
    check_refused(json!({ "$bytes": "?" }), "base64");
    check_refused(json!({ "$ref": 0 }), "`$ref`");
    check_refused(json!([{ "$buffer": { "$ref": 0 } }]), "`$ref`");
    check_refused(json!({ "$part": 1 }), "`$part`");
    check_refused(json!({ "$parts": [{ "$part": 2 }, {}] }), "`$part`");
    check_refused(json!({ "$parts": [1, 2] }), "where a table should be");
    check_refused(json!({ "$table": [[1]] }), "pairs");
    check_refused(json!({ "$table": [[null, 1]] }), "key");
    check_refused(json!({ "$table": [[{ "$number": "nan" }, 1]] }), "nan");
    check_refused(json!({ "$table": [[1, 1], [1.0, 2]] }), "twice");
    check_refused(json!({ "$vector": [1, 2] }), "three numbers");
    check_refused(json!({ "$number": "NaN" }), "`$number`");
    check_refused(json!({ "$integer": 0.5 }), "`$integer`");
    check_refused(json!({ "$object": {} }), "without its `table`");
    check_refused(
        json!({ "$object": { "table": { "$ref": 0 } } }),
        "table should be",
    );
    check_refused(
        json!({ "$object": { "meta": 1, "table": {} } }),
        "something else",
    );
    check_refused(json!({ "$function": "f" }), "can't be kept");
    check_refused(json!({ "$function": {} }), "without its `place`");
    check_refused(json!({ "$function": { "place": "f" } }), "table should be");
    let unnamed = json!({ "$function": { "place": "f", "variables": [1] } });
    check_refused(unnamed, "have no names");
    check_refused(
        json!({ "$object": { "metatable": 1, "table": {} } }),
        "metatable",
    );
    check_refused(json!({ "$nonesuch": 1 }), "`$nonesuch`");
    let mut deep = json!(1);
    for _ in 0..200 {
        deep = json!([deep]);
    }
    let refusal = state_from_json(&deep, 0).expect_err("it is refused");
    assert!(refusal.to_string().contains("deeper"), "{refusal}");
}

#[test]
fn what_a_person_writes_is_read_as_lua_would_have_it() {
    let sparse = read(&json!({ "$table": [[3, "c"], [1, "a"], [2, null]] })).expect("a state");
    assert_eq!(
        state_to_json(&sparse),
        json!({ "$table": [[1, "a"], [3, "c"]] })
    );
    let array = read(&json!({ "$table": [[2, "b"], [1, "a"]] })).expect("a state");
    assert_eq!(state_to_json(&array), json!(["a", "b"]));
    assert!(read(&json!(null)).is_ok());
}

fn leaf(count: usize) -> impl Strategy<Value = Leaf<'static>> {
    prop_oneof![
        any::<bool>().prop_map(Leaf::Bool),
        any::<f64>().prop_map(Leaf::of_float),
        (-2i16..5).prop_map(|n| Leaf::of_float(f64::from(n))),
        any::<i64>().prop_map(Leaf::Int),
        vec(any::<u8>(), 0..6).prop_map(|bytes| Leaf::Text(bytes.into())),
        "[$a-c]{0,3}".prop_map(|text| Leaf::Text(text.into_bytes().into())),
        // One nan is as good as another.
        any::<[f32; 3]>().prop_map(|parts| Leaf::Vector(
            parts.map(|n| if n.is_nan() { f32::NAN } else { n }.to_bits())
        )),
        Just(Leaf::Null),
        Just(Leaf::Named("Unit.run")),
        (0u8..5).prop_map(Leaf::Opaque),
        (0..count).prop_map(Leaf::Node),
    ]
}

/// Tables and buffers that may lead to each other in any way. Each table has a number of its own: tables
/// that are keys could not be told apart otherwise.
fn graph() -> impl Strategy<Value = Vec<Node<'static>>> {
    let pairs = (1usize..8).prop_flat_map(|count| {
        let pairs = vec((leaf(count), leaf(count)), 0..8);
        let table = (pairs, any::<bool>(), any::<bool>()).prop_map(Some);
        let buffer = Just(None);
        vec(prop_oneof![6 => table, 1 => buffer], count)
    });
    pairs.prop_map(|nodes| {
        let nodes = nodes.into_iter().enumerate();
        let node = |(n, table): (usize, Option<(Vec<_>, bool, bool)>)| match table {
            None => Node::Buffer(n.to_le_bytes().into()),
            Some((mut pairs, is_frozen, has_class)) => {
                let class = match n % 2 {
                    0 => Leaf::Named("Unit"),
                    _ => Leaf::Node(n),
                };
                pairs.insert(0, (text("id"), Leaf::Int(n as i64)));
                Node::Table(TableNode {
                    is_frozen,
                    metatable: has_class.then_some(class),
                    ..of_sound(pairs)
                })
            }
        };
        nodes.map(node).collect()
    })
}

/// A table of those pairs that can stand together in one.
fn of_sound(pairs: Vec<(Leaf<'static>, Leaf<'static>)>) -> TableNode<'static> {
    let table_of = |pairs: &Vec<_>| {
        let mut table = TableNode::default();
        table.take_pairs(pairs.clone()).map(|()| table)
    };
    let mut sound = Vec::new();
    for pair in pairs {
        sound.push(pair);
        if table_of(&sound).is_err() {
            sound.pop();
        }
    }
    table_of(&sound).expect("each key is one, and there once")
}

proptest! {
    #[test]
    fn export_and_import_is_the_identity(nodes in graph()) {
        check_round(&image(&nodes));
    }

    #[test]
    fn any_json_is_a_state_or_refused(bytes in "[\\[\\]{}:,0-9\"$a-z]{0,40}") {
        if let Ok(json) = serde_json::from_str::<Json>(&bytes)
            && let Ok(image) = state_from_json(&json, 7)
        {
            check_round(&image);
        }
    }
}
