//! What the plugin says about itself. The call has no settings, so the mode is
//! a word in the file: a test overwrites it with another of four letters.

use std::hint::black_box;

use driftguard_sdk::prelude::{Descriptor, DescriptorBuilder, Kind, Setting};

use crate::{answer, burn, read};

/// The id.
pub const ID: &str = "hostile";

/// Overwritten in the bytes of the component.
static MODE: [u8; 18] = *b"describe-mode:calm";

/// The descriptor, spoiled as the mode says.
pub fn descriptor() -> Descriptor {
    let mode = &black_box(&MODE)[14..];
    let mut out = calm();
    match mode {
        b"spin" => burn::strike("spin"),
        b"fall" => burn::strike("panic"),
        b"bomb" => burn::strike("memory"),
        b"name" => out.id = "Hostile \u{1b}[2J\n../../etc".into(),
        b"long" => out.id = "a".repeat(65),
        b"none" => out.id = String::new(),
        b"many" => out.references = vec![String::new(); 129],
        b"same" => out.settings = vec![out.settings[0].clone(), out.settings[0].clone()],
        b"huge" => out.summary = "x".repeat(20 << 20),
        b"evil" => out.title = "title\u{1b}[2J\nverdict: pass".into(),
        b"wide" => out.settings[0].choices = vec!["choice".into(); 10_000],
        b"nans" => out.settings[0].minimum = Some(f64::NAN),
        _ => {}
    }
    out
}

fn calm() -> Descriptor {
    let attacks = [
        &["none"][..],
        &burn::ATTACKS,
        &read::ATTACKS,
        &answer::ATTACKS,
    ]
    .concat();
    let calls = [
        "validate", "fit", "begin", "update", "merge", "save", "drop", "compare",
    ];
    DescriptorBuilder::new(ID, "Attacks its host")
        .summary("For tests of the sandbox only.")
        .kinds(&[Kind::Numeric])
        .setting(Setting::choice("attack", "none", &attacks, "What it does"))
        .setting(Setting::choice(
            "call",
            "update",
            &calls,
            "Where it does it",
        ))
        .build()
}
