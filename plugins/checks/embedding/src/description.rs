//! What the check says about itself.

use driftguard_sdk::prelude::{Descriptor, DescriptorBuilder, Kind, Risk, Role, Setting};

pub(crate) fn descriptor() -> Descriptor {
    DescriptorBuilder::new("embedding", "Drift of an embedding column")
        .version(env!("CARGO_PKG_VERSION"))
        .summary(
            "Compares vectors with the reference: where their mean is, how each coordinate spreads, their norms, their \
             angle to the reference's centroid, and all of the law at once (maximum mean discrepancy by random Fourier \
             features). Finds another subject, another encoder of the same dimension, and vectors that are dead or \
             repeat. Works on a uniform sample of the rows, the same on every run.",
        )
        .roles(&[Role::Feature, Role::Embedding])
        .kinds(&[Kind::Embedding])
        .setting(Setting::integer(
            "sample-rows",
            2048,
            (512, 65_536),
            "Most vectors of each side that are looked at: a uniform sample by position, half of this to this many.",
        ))
        .setting(Setting::integer(
            "min-rows",
            100,
            (20, 1_000_000),
            "Fewest vectors on either side; with fewer the answer is \"insufficient data\".",
        ))
        .risk(Risk::Brand)
        .reference("Gretton et al., \"A Kernel Two-Sample Test\", 2012")
        .reference("Rahimi and Recht, \"Random Features for Large-Scale Kernel Machines\", 2007")
        .reference("Bai and Saranadasa, \"Effect of high dimension: by an example of a two sample problem\", 1996")
        .reference("Achlioptas, \"Database-friendly random projections\", 2003")
        .reference("Flajolet, \"On adaptive sampling\", 1990")
        .build()
}
