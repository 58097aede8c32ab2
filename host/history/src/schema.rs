//! The tables. Part of the file format: `driftguard history FILE --json` is the
//! supported way to read them; other tools may read the file, and no other may
//! write it.

/// "DGHI": marks the file as ours.
pub(crate) const APPLICATION: i64 = 0x4447_4849;

/// The version of the tables below.
pub(crate) const VERSION: i64 = 2;

/// From version 1, which did not tell columns apart. Old records stay as they
/// are, seals included.
pub(crate) const FROM_1: &str = "ALTER TABLE verdicts ADD COLUMN columns TEXT;";

/// Verdicts are final, and so is what they did to incidents. An incident is
/// open until one of its sightings says `closed`.
pub(crate) const TABLES: &str = "
CREATE TABLE verdicts (
  id INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  model TEXT NOT NULL,
  policy TEXT NOT NULL,
  data TEXT NOT NULL,
  document TEXT NOT NULL,
  baseline TEXT,
  anchor TEXT,
  period TEXT,
  driftguard TEXT NOT NULL,
  rows INTEGER NOT NULL,
  level TEXT NOT NULL,
  reason TEXT NOT NULL,
  suspects TEXT NOT NULL,
  effect REAL,
  p REAL,
  sparse REAL,
  dense REAL,
  rank INTEGER,
  among INTEGER,
  anchor_rank INTEGER,
  anchor_periods INTEGER,
  pooled INTEGER NOT NULL,
  alarm TEXT NOT NULL,
  repeats INTEGER REFERENCES verdicts (id),
  seal TEXT NOT NULL,
  columns TEXT
) STRICT;
CREATE INDEX verdicts_by_model ON verdicts (model, id);
CREATE TABLE incidents (
  id INTEGER PRIMARY KEY,
  key TEXT NOT NULL,
  model TEXT NOT NULL,
  family TEXT NOT NULL,
  columns TEXT NOT NULL,
  opened INTEGER NOT NULL REFERENCES verdicts (id)
) STRICT;
CREATE TABLE sightings (
  incident INTEGER NOT NULL REFERENCES incidents (id),
  verdict INTEGER NOT NULL REFERENCES verdicts (id),
  state TEXT NOT NULL,
  PRIMARY KEY (incident, verdict)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER verdicts_stay BEFORE UPDATE ON verdicts
  BEGIN SELECT RAISE(ABORT, 'records are final'); END;
CREATE TRIGGER verdicts_remain BEFORE DELETE ON verdicts
  BEGIN SELECT RAISE(ABORT, 'records are final'); END;
CREATE TRIGGER incidents_stay BEFORE UPDATE ON incidents
  BEGIN SELECT RAISE(ABORT, 'records are final'); END;
CREATE TRIGGER incidents_remain BEFORE DELETE ON incidents
  BEGIN SELECT RAISE(ABORT, 'records are final'); END;
CREATE TRIGGER sightings_stay BEFORE UPDATE ON sightings
  BEGIN SELECT RAISE(ABORT, 'records are final'); END;
CREATE TRIGGER sightings_remain BEFORE DELETE ON sightings
  BEGIN SELECT RAISE(ABORT, 'records are final'); END;
";
