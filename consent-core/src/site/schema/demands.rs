//! Which keys must be there: in a file that stands alone, all of them; in one with a base, what the base lacks, which a
//! schema cannot know.

use alloc::vec::Vec;

use super::super::node::{Part, SchemaNode};

/// What a schema says of each key, and apart from it what it demands to be there.
///
/// Items of lists keep their demands: a list is not put together from two files.
pub(super) fn split(node: SchemaNode) -> (SchemaNode, SchemaNode) {
    let (mut about, mut demands) = (SchemaNode::new([]), SchemaNode::new([]));
    let is_map = node.0.iter().any(is_map);
    for (name, part) in node.0 {
        match (name, part) {
            ("required" | "if" | "then" | "else", part) => demands.add(name, part),
            ("properties", Part::Node(children)) => {
                let (each, demanded) = split_each(children, is_map);
                about.add(name, each);
                if !demanded.0.is_empty() {
                    demands.add(name, demanded);
                }
            }
            ("additionalProperties", Part::Node(each)) => {
                let (each, demanded) = split(each);
                about.add(name, each);
                demands.add(name, demanded);
            }
            (name, part) => about.add(name, part),
        }
    }
    (about, demands)
}

fn is_map((name, part): &(&'static str, Part)) -> bool {
    *name == "additionalProperties" && matches!(part, Part::Node(_))
}

/// In a map, the keys with a say of their own are named even if nothing is demanded of them: what is demanded of all
/// others is not of them.
fn split_each(children: SchemaNode, is_map: bool) -> (SchemaNode, SchemaNode) {
    let mut demands = Vec::new();
    let mut about = Vec::new();
    for (name, part) in children.0 {
        let Part::Node(child) = part else {
            about.push((name, part));
            continue;
        };
        let (child, demanded) = split(child);
        about.push((name, child.into()));
        if is_map || !demanded.0.is_empty() {
            demands.push((name, demanded.into()));
        }
    }
    (SchemaNode(about), SchemaNode(demands))
}
