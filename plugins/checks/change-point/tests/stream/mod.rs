//! Seeded streams for the tests.

#![allow(dead_code)] // Each test uses some of it.

use driftguard_check_change_point::compare;
use driftguard_check_change_point::frame::Frame;
use driftguard_check_change_point::profile::Profile;
use driftguard_distribution::coding::Values;
use driftguard_distribution::testing::Rng;
use driftguard_sdk::prelude::{Column, Finding, Kind, Role};

pub fn column(name: &str, role: Role, kind: Kind) -> Column {
    Column {
        name: name.into(),
        role,
        kind,
        storage: String::new(),
        nullable: true,
        dimension: 0,
    }
}

/// Numbers that follow each other: an autoregression over a daily cycle of 400
/// rows; `memory` 0: independent.
pub fn numbers(seed: u64, rows: usize, memory: f64) -> Vec<f64> {
    let (mut rng, mut state) = (Rng::new(seed), 0.0);
    (0..rows)
        .map(|row| {
            state = memory * state + rng.normal() * (1.0 - memory * memory).sqrt();
            let cycle = if memory > 0.0 {
                (row as f64 / 400.0 * std::f64::consts::TAU).sin()
            } else {
                0.0
            };
            10.0 + cycle + state
        })
        .collect()
}

pub fn profile(frame: &Frame, values: Vec<Values>) -> Profile {
    let mut profile = Profile::default();
    let values: Vec<Option<Values>> = values.into_iter().map(Some).collect();
    profile.add(frame, 0, &values, None).unwrap();
    profile
}

/// One numeric column compared with itself in another time.
pub fn compared(reference: &[f64], current: &[f64]) -> Vec<Finding> {
    compared_as(Role::Feature, reference, current)
}

pub fn compared_as(role: Role, reference: &[f64], current: &[f64]) -> Vec<Finding> {
    let numbers = |values: &[f64]| Values::Numbers(values.to_vec());
    let frame = Frame::of_sample(
        &[column("x", role, Kind::Numeric)],
        &[numbers(reference)],
        6,
    );
    let (p, q) = (
        profile(&frame, vec![numbers(reference)]),
        profile(&frame, vec![numbers(current)]),
    );
    compare(&frame, &p, &q, 200).unwrap()
}

/// The first row that a message names.
pub fn row_in(message: &str) -> u64 {
    let after = message.split("row ").nth(1).unwrap_or_default();
    let digits: String = after.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().unwrap_or(0)
}
