//! The rows of tests/reliability that carry data, read strictly: what nobody
//! understands fails, with the row's id.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use toml::{Table, Value};

/// What every row has.
const ALWAYS: &[&str] = &["id", "what", "must", "tests"];

/// What must come back, of any kind of row.
const EXPECTED: &[&str] = &["status", "reason", "says"];

/// What a row does, told by the first of these keys that it has, and the other
/// keys that such a row may have.
#[rustfmt::skip]
pub const KINDS: &[(Kind, &[&str], &[&str])] = &[
    (Kind::Answer, &["fault", "wire", "body"], &[
        "http", "head", "after", "latin1", "of", "server", "tls_only", "limit_ms", "refresh", "code", "oauth_error",
        "wait_ms", "wait_least_ms", "access_token", "token_type", "lifetime_s", "refresh_token", "scope", "extra",
    ]),
    (Kind::Wait, &["retry_after"], &["wait_ms"]),
    (Kind::Address, &["site", "url", "app", "proxy"], &["leads_to"]),
    (Kind::Credentials, &["login_user", "login_password"], &[]),
    (Kind::IdToken, &["header", "claims", "token"], &["nonce", "access"]),
    (Kind::Stored, &["record", "file"], &[]),
    (Kind::Certificate, &["certificate"], &["host", "alert", "sni"]),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An answer of a server, and what a call makes of it.
    Answer,
    /// A Retry-After, and how long it says to wait.
    Wait,
    /// Where to sign in, and what comes of it before anything is sent.
    Address,
    /// A user name or password that is not sent.
    Credentials,
    /// Header and claims of a signed token, or a whole one, and whether it proves anything.
    IdToken,
    /// What a store gives, and whether a session goes on with it.
    Stored,
    /// A certificate of a server, and whether a login goes there.
    Certificate,
}

/// A row that carries data.
#[derive(Clone)]
pub struct Row {
    pub id: String,
    pub kind: Kind,
    cells: Table,
}

impl Row {
    /// A row of this text, as in a file; `None` when it carries no data.
    pub fn new(cells: Table) -> Result<Option<Row>, String> {
        let id = cells.get("id").and_then(Value::as_str).ok_or("a row has no id")?.to_owned();
        let found = KINDS.iter().find(|(_, lead, _)| lead.iter().any(|key| cells.contains_key(*key)));
        let (lead, more) = found.map_or((&[][..], &[][..]), |(_, lead, more)| (*lead, *more));
        let expected = if found.is_some() { EXPECTED } else { &[] };
        let known: BTreeSet<&str> = [ALWAYS, expected, lead, more].concat().into_iter().collect();
        if let Some(key) = cells.keys().find(|key| !known.contains(key.as_str())) {
            return Err(format!("{id} has {key}, which nothing here understands"));
        }
        Ok(found.map(|(kind, ..)| Row { id, kind: *kind, cells }))
    }

    pub fn has(&self, key: &str) -> bool {
        self.cells.contains_key(key)
    }

    /// A text, in which `{3*ab}` stands for `ababab`.
    pub fn text(&self, key: &str) -> Option<String> {
        let value = self.cells.get(key)?;
        Some(spelled_out(value.as_str().unwrap_or_else(|| panic!("{}: {key} is no text", self.id))))
    }

    /// A text, or each of a list of texts.
    pub fn texts(&self, key: &str) -> Vec<String> {
        match self.cells.get(key) {
            None => Vec::new(),
            Some(Value::Array(all)) => {
                let text = |value: &Value| value.as_str().map(spelled_out);
                all.iter().map(|value| text(value).unwrap_or_else(|| panic!("{}: {key}", self.id))).collect()
            }
            Some(_) => self.text(key).into_iter().collect(),
        }
    }

    pub fn number(&self, key: &str) -> Option<i64> {
        let value = self.cells.get(key)?;
        Some(value.as_integer().unwrap_or_else(|| panic!("{}: {key} is no number", self.id)))
    }

    pub fn is(&self, key: &str) -> bool {
        self.cells.get(key).is_some_and(|value| value.as_bool().unwrap_or_else(|| panic!("{}: {key}", self.id)))
    }

    /// The names and values of an inline table.
    pub fn pairs(&self, key: &str) -> Vec<(String, String)> {
        let text = |value: &Value| value.as_str().map(spelled_out).unwrap_or_else(|| panic!("{}: {key}", self.id));
        let pairs = self.cells.get(key).and_then(Value::as_table);
        pairs.into_iter().flatten().map(|(name, value)| (name.clone(), text(value))).collect()
    }

    /// The row with another cell, to show that the difference is found.
    pub fn with(mut self, key: &str, value: impl Into<Value>) -> Row {
        self.cells.insert(key.to_owned(), value.into());
        self
    }
}

/// A copy in which each `{3*ab}` is `ababab`.
fn spelled_out(text: &str) -> String {
    let (mut out, mut rest) = (String::new(), text);
    while let Some((before, after)) = rest.split_once('{') {
        out += before;
        let repeated = after.split_once('*').and_then(|(count, more)| {
            let (part, end) = more.split_once('}')?;
            Some((part.repeat(count.parse().ok()?), end))
        });
        match repeated {
            Some((repeated, end)) => (out, rest) = (out + &repeated, end),
            None => (out, rest) = (out + "{", after),
        }
    }
    out + rest
}

/// Every row of every file that carries data.
pub fn rows() -> Vec<Row> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reliability");
    let mut files: Vec<_> = fs::read_dir(&folder).expect("a folder").map(|file| file.expect("a file").path()).collect();
    files.retain(|file| file.extension().is_some_and(|kind| kind == "toml"));
    files.sort();
    assert!(!files.is_empty(), "no tables in {}", folder.display());
    files.iter().flat_map(|file| rows_of(file)).collect()
}

fn rows_of(file: &Path) -> Vec<Row> {
    let text = fs::read_to_string(file).expect("a text");
    let table: Table = text.parse().unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let rows = table.get("row").and_then(Value::as_array).unwrap_or_else(|| panic!("{} has no row", file.display()));
    let row = |row: &Value| row.as_table().cloned().ok_or_else(|| "a row is no table".to_owned()).and_then(Row::new);
    rows.iter().filter_map(|one| row(one).unwrap_or_else(|why| panic!("{}: {why}", file.display()))).collect()
}
