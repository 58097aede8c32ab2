//! Files on disk to documents.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use driftguard_provenance::{Given, ProvenanceError, Request, fingerprint, read, tree, write};
use driftguard_verdict::cause::{Comparison, Fingerprints, Part, PartName, Sameness};
use tempfile::TempDir;

fn put(folder: &Path, name: &str, text: &str) -> PathBuf {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, text).unwrap();
    path
}

fn sources() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    put(folder.path(), "score.py", "print(1)\n");
    put(
        folder.path(),
        "lib/features.py",
        "def f(x):\n    return x\n",
    );
    folder
}

fn code(folder: &Path) -> (String, String) {
    let request = Request {
        code: Given::This(folder.to_owned()),
        ..Request::default()
    };
    known(&fingerprint(&request).unwrap(), PartName::Code)
}

fn known(document: &Fingerprints, name: PartName) -> (String, String) {
    match document.part(name) {
        Part::Known { sha256, method, .. } => (sha256.clone(), method.clone()),
        other => panic!("{other:?}"),
    }
}

fn config(folder: &Path, name: &str, text: &str) -> (String, String) {
    let request = Request {
        config: Given::This(vec![put(folder, name, text)]),
        ..Request::default()
    };
    known(&fingerprint(&request).unwrap(), PartName::Config)
}

fn git(folder: &Path, arguments: &[&str]) {
    let done = Command::new("git")
        .args([
            "-c",
            "user.name=n",
            "-c",
            "user.email=e@x",
            "-c",
            "core.autocrlf=false",
        ])
        .args(arguments)
        .current_dir(folder)
        .env_remove("GIT_DIR")
        .env_remove("GIT_INDEX_FILE")
        .env_remove("GIT_WORK_TREE")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_SYSTEM", "/dev/null")
        .output()
        .unwrap();
    assert!(done.status.success(), "{arguments:?}: {done:?}");
}

/// The rule by hand, so that it cannot change unseen.
/// python3 -c "import hashlib as h
/// d=lambda b: h.sha256(b).hexdigest()
/// a=d(b'def f(x):\n    return x\n'); b=d(b'print(1)\n')
/// print(d(b'driftguard/tree/v1\nfile '+a.encode()+b' lib/features.py\0file '+b.encode()+b' score.py\0'))"
const TREE: &str = "0e76ea7ae8cbb3ce1163fd3c37c973815216b158624618eab06e889ee88bb595";

#[test]
fn a_folder_has_the_digest_that_the_rule_says() {
    let folder = sources();
    assert_eq!(code(folder.path()), (TREE.into(), "walked/v1".into()));
}

#[test]
fn every_change_of_a_file_changes_the_digest() {
    let folder = sources();
    let before = code(folder.path());
    put(folder.path(), "score.py", "print(2)\n");
    assert_ne!(code(folder.path()), before);
    put(folder.path(), "score.py", "print(1)\n");
    assert_eq!(code(folder.path()), before);
    fs::rename(folder.path().join("score.py"), folder.path().join("run.py")).unwrap();
    assert_ne!(code(folder.path()), before);
    fs::rename(folder.path().join("run.py"), folder.path().join("score.py")).unwrap();
    put(folder.path(), "extra.py", "");
    assert_ne!(code(folder.path()), before);
    fs::remove_file(folder.path().join("extra.py")).unwrap();
    // What is made from others does not count.
    put(folder.path(), "lib/__pycache__/features.pyc", "x");
    put(folder.path(), "build/CACHEDIR.TAG", "x");
    assert_eq!(code(folder.path()), before);
}

#[cfg(unix)]
#[test]
fn modes_count_and_links_are_not_followed() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let folder = sources();
    let before = code(folder.path());
    let script = folder.path().join("score.py");
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
    assert_ne!(code(folder.path()), before);
    fs::set_permissions(&script, fs::Permissions::from_mode(0o644)).unwrap();
    symlink("..", folder.path().join("loop")).unwrap();
    let linked = code(folder.path());
    assert_ne!(linked, before);
    fs::remove_file(folder.path().join("loop")).unwrap();
    symlink("../..", folder.path().join("loop")).unwrap();
    assert_ne!(code(folder.path()), linked);
}

#[test]
fn git_says_which_files_count_and_the_disk_what_is_in_them() {
    let folder = sources();
    let root = folder.path();
    let walked = code(root);
    for version in ["2", "4"] {
        _ = fs::remove_dir_all(root.join(".git"));
        _ = fs::remove_file(root.join("notes.txt"));
        git(root, &["init", "-q"]);
        git(root, &["add", "."]);
        git(root, &["update-index", "--index-version", version]);
        let tracked = code(root);
        // Equal files, equal digest, whichever way they were listed.
        assert_eq!(tracked.0, walked.0, "index of version {version}");
        assert_eq!(tracked.1, "git-tracked/v1");
        put(root, "notes.txt", "not added");
        assert_eq!(code(root), tracked);
        put(root, "score.py", "print(3) # not committed\n");
        assert_ne!(code(root), tracked);
        put(root, "score.py", "print(1)\n");
        // A folder further down holds its own files only.
        let (lib, method) = code(&root.join("lib"));
        assert_ne!(lib, tracked.0);
        assert_eq!(method, "git-tracked/v1");
    }
}

#[test]
fn work_trees_and_submodules_of_git_are_understood() {
    let (inner, outer) = (sources(), sources());
    for folder in [&inner, &outer] {
        git(folder.path(), &["init", "-q"]);
        git(folder.path(), &["add", "."]);
        git(folder.path(), &["commit", "-q", "-m", "x"]);
    }
    let source = inner.path().to_str().unwrap();
    let allow = ["-c", "protocol.file.allow=always"];
    let add = [
        &allow[..],
        &["submodule", "--quiet", "add", source, "vendor"],
    ]
    .concat();
    git(outer.path(), &add);
    let before = code(outer.path());
    assert_eq!(before.1, "git-tracked/v1");
    put(outer.path(), "vendor/score.py", "print('edited')\n");
    assert_ne!(code(outer.path()), before);

    let place = tempfile::tempdir().unwrap();
    let tree = place.path().join("tree");
    git(
        inner.path(),
        &["worktree", "add", "-q", tree.to_str().unwrap()],
    );
    assert_eq!(code(&tree), (TREE.into(), "git-tracked/v1".into()));
}

#[test]
fn a_damaged_index_is_not_trusted() {
    let folder = sources();
    git(folder.path(), &["init", "-q"]);
    git(folder.path(), &["add", "."]);
    fs::write(
        folder.path().join(".git/index"),
        b"DIRC\0\0\0\x02\xff\xff\xff\xff",
    )
    .unwrap();
    assert_eq!(code(folder.path()), (TREE.into(), "walked/v1".into()));
}

#[test]
fn a_model_has_the_digest_of_sha256sum() {
    let folder = tempfile::tempdir().unwrap();
    let model = put(folder.path(), "model.bin", "abc");
    let request = Request {
        model: Given::This(vec![model.clone()]),
        ..Request::default()
    };
    let (digest, method) = known(&fingerprint(&request).unwrap(), PartName::Model);
    // FIPS 180-4, the example "abc".
    assert_eq!(
        digest,
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    );
    assert_eq!(method, "bytes/v1");
    // The order in which several files are named does not count.
    let other = put(folder.path(), "vocabulary.txt", "a b c");
    let several = |paths: [&PathBuf; 2]| {
        let request = Request {
            model: Given::This(paths.map(Clone::clone).into()),
            ..Request::default()
        };
        known(&fingerprint(&request).unwrap(), PartName::Model)
    };
    assert_eq!(several([&model, &other]), several([&other, &model]));
    assert_ne!(several([&model, &other]).0, digest);
}

#[test]
fn configurations_that_mean_the_same_are_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let json = config(root, "a.json", "{\"depth\": 3, \"rate\": 0.10}");
    assert_eq!(json.1, "json/rfc8785/v1");
    assert_eq!(
        config(root, "a.json", "{ \"rate\":1e-1,\n\"depth\":3 }"),
        json
    );
    assert_ne!(
        config(root, "a.json", "{\"depth\": 4, \"rate\": 0.1}"),
        json
    );
    let toml = config(root, "a.toml", "rate = 0.1 # slow\ndepth = 3\n");
    assert_eq!(toml, (json.0, "toml/rfc8785/v1".into()));
    let date = config(root, "d.toml", "day = 2013-01-01\n").0;
    assert_ne!(date, config(root, "d.toml", "day = \"2013-01-01\"\n").0);
    for (name, text) in [
        ("a.yaml", "depth: 3\n"),
        ("bad.json", "{\"depth\": 3,}"),
        ("seed.toml", "seed = 9007199254740993\n"),
    ] {
        assert_eq!(config(root, name, text).1, "bytes/v1", "{name}");
    }
}

#[test]
fn what_is_not_given_is_unknown_and_what_is_not_there_is_said() {
    let request = Request {
        config: Given::Absent,
        ..Request::default()
    };
    let document = fingerprint(&request).unwrap();
    assert!(matches!(&document.model, Part::Unknown { unknown } if unknown.contains("--model")));
    assert!(
        matches!(&document.config, Part::Absent { absent } if absent == "said with `config none`")
    );
    assert!(matches!(document.runtime, Part::Known { .. }));
    let comparison = Comparison::new(&document, &document);
    assert_eq!(comparison.code, Sameness::Unknown);
}

#[test]
fn the_order_of_columns_and_what_is_named_of_the_runtime_count() {
    let columns = |names: [&str; 2]| Request {
        schema: Given::This(
            names
                .map(|name| (name.to_owned(), "float".to_owned()))
                .into(),
        ),
        ..Request::default()
    };
    let digest = |request: &Request, name| known(&fingerprint(request).unwrap(), name);
    let schema = |names| digest(&columns(names), PartName::Schema);
    assert_eq!(schema(["a", "b"]), schema(["a", "b"]));
    assert_ne!(schema(["a", "b"]), schema(["b", "a"]));
    let runtime = |version: &str| Request {
        runtime: [("onnxruntime".to_owned(), version.to_owned())].into(),
        ..Request::default()
    };
    let runtime = |version| digest(&runtime(version), PartName::Runtime);
    assert_ne!(runtime("1.20"), runtime("1.21"));
}

#[test]
fn documents_are_written_whole_and_read_with_suspicion() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("f.json");
    let document = fingerprint(&Request::default()).unwrap();
    write(&path, &document).unwrap();
    assert_eq!(read(&path).unwrap(), document);
    assert_eq!(
        fs::read_dir(folder.path()).unwrap().count(),
        1,
        "no draft is left"
    );
    for (text, expected) in [
        ("", "not a document of fingerprints"),
        ("{}", "there is no key `format`"),
        (
            r#"{"format":"driftguard/fingerprints/v2","new":1}"#,
            "the format is `driftguard/fingerprints/v2`, this driftguard reads `driftguard/fingerprints/v1`",
        ),
        (
            r#"{"format":"driftguard/fingerprints/v1","driftguard":"0","code":{"sha256":"XYZ","method":"m","of":"o"}}"#,
            "`code.sha256` is not 64 lower-case hexadecimal digits",
        ),
        (
            r#"{"format":"driftguard/fingerprints/v1","driftguard":"0","cod":{}}"#,
            "unknown field `cod`",
        ),
    ] {
        fs::write(&path, text).unwrap();
        let error = read(&path).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
}

#[test]
fn what_cannot_be_read_is_an_error_and_never_a_digest() {
    let folder = tempfile::tempdir().unwrap();
    let gone = folder.path().join("gone");
    let request = Request {
        model: Given::This(vec![gone]),
        ..Request::default()
    };
    let error = fingerprint(&request).unwrap_err();
    assert!(
        matches!(error, ProvenanceError::Unreadable { part: "model", .. }),
        "{error}"
    );
    let error = tree::digest("code", folder.path()).unwrap_err();
    assert!(
        matches!(error, ProvenanceError::EmptyFolder { .. }),
        "{error}"
    );
    let nothing = Request {
        deps: Given::This(vec![]),
        ..Request::default()
    };
    let error = fingerprint(&nothing).unwrap_err();
    assert!(
        matches!(error, ProvenanceError::Nothing { part: "deps" }),
        "{error}"
    );
    #[cfg(unix)]
    {
        let device = Request {
            model: Given::This(vec!["/dev/null".into()]),
            ..Request::default()
        };
        let error = fingerprint(&device).unwrap_err();
        assert!(matches!(error, ProvenanceError::NotAFile { .. }), "{error}");
    }
}
