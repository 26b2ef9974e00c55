//! The text of a store's file: the records of several users by their keys.

use std::io::{self, Write as _};

use super::{VERSION, check_version};
use crate::oauth::json::{MOST_MEMBERS, Members};
use crate::oauth::secret::{Secret, SecretBytes};

/// How many users one file may hold.
const MOST_USERS: usize = 500;
const _: () = assert!(MOST_USERS <= MOST_MEMBERS);

/// A file taken apart; each record still in its own text, which is kept byte
/// for byte: it may be of a version that is not known here.
pub struct Users<'a> {
    records: Members<'a>,
    /// Members of the file that are not known here, kept as well.
    others: Vec<(String, Secret)>,
}

impl<'a> Users<'a> {
    /// No user at all, as in a file that is not there yet.
    pub fn none() -> Users<'a> {
        Users { records: Members::none(), others: Vec::new() }
    }

    /// Takes the text of a file apart, or says what it is instead.
    pub fn parse(text: &'a [u8]) -> Result<Users<'a>, &'static str> {
        const NONE: &str = "is no store of this library";
        let members = Members::parse(text).ok_or(NONE)?;
        check_version(&members, "ropc_store")?;
        let users = members.get("users").ok_or(NONE)?;
        let records = Members::parse(users.get().as_bytes()).ok_or(NONE)?;
        Ok(Users { records, others: members.others(&[&["ropc_store", "users"]]) })
    }

    /// The record of a user.
    pub fn get(&self, key: &str) -> Option<&'a str> {
        self.records.get(key).map(|record| record.get())
    }

    /// The text of a file where the user `key` has `record`, or none any more;
    /// else why there is none.
    pub fn with(&self, key: &str, record: Option<&str>) -> Result<SecretBytes, &'static str> {
        let others = self.records.iter().filter(|(other, _)| *other != key);
        let mut records: Vec<(&str, &str)> = others.map(|(key, record)| (key, record.get())).collect();
        records.extend(record.map(|record| (key, record)));
        if records.len() > MOST_USERS {
            return Err("is full: it holds 500 users");
        }
        let room = records.iter().map(|(key, record)| key.len() + record.len() + 8).sum::<usize>();
        let mut text = SecretBytes::with_capacity(room + 64);
        match self.write(&records, &mut text) {
            Ok(()) => Ok(text),
            Err(_) => Err("could not be written as JSON"),
        }
    }

    fn write(&self, records: &[(&str, &str)], text: &mut SecretBytes) -> io::Result<()> {
        write!(text, "{{\"ropc_store\":{VERSION},\"users\":{{")?;
        for (at, (key, record)) in records.iter().enumerate() {
            text.push(if at == 0 { b"" } else { b"," });
            serde_json::to_writer(&mut *text, key)?;
            text.push(b":");
            text.push(record.as_bytes());
        }
        text.push(b"}");
        for (name, json) in &self.others {
            text.push(b",");
            serde_json::to_writer(&mut *text, name)?;
            text.push(b":");
            text.push(json.expose().as_bytes());
        }
        text.write_all(b"}\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: &SecretBytes) -> &str {
        std::str::from_utf8(bytes.expose()).expect("UTF-8")
    }

    #[test]
    fn what_is_not_known_is_kept_byte_for_byte() {
        let file =
            "{\"later\": [1 ,2],\"ropc_store\":1,\n \"users\":{\"bob\":{\"ropc_record\" : 9,\"x\":\"\\u00e9\"}}}";
        let users = Users::parse(file.as_bytes()).expect("a store");
        let with = users.with("ada\"", Some("{}")).expect("a text");
        let expected = "{\"ropc_store\":1,\"users\":{\"bob\":{\"ropc_record\" : 9,\"x\":\"\\u00e9\"},\"ada\\\"\":{}},\"later\":[1 ,2]}\n";
        assert_eq!(text(&with), expected);
        let users = Users::parse(with.expose()).expect("a store");
        assert_eq!((users.get("ada\""), users.get("ada")), (Some("{}"), None));
        assert_eq!(text(&users.with("ada\"", None).expect("a text")), expected.replace(",\"ada\\\"\":{}", ""));
        assert_eq!(text(&Users::none().with("x", None).expect("a text")), "{\"ropc_store\":1,\"users\":{}}\n");
    }

    #[test]
    fn what_is_no_store_is_refused() {
        for (file, why) in [
            ("", "no store"),
            ("[]", "no store"),
            ("{}", "not written by"),
            (r#"{"ropc_store":1}"#, "no store"),
            (r#"{"ropc_store":1,"users":[]}"#, "no store"),
            (r#"{"ropc_store":1,"users":{"a":{},"a":{}}}"#, "no store"),
            (r#"{"ropc_store":1,"users":{"a":{},"\u0061":{}}}"#, "no store"),
            (r#"{"ropc_store":1,"users":{}"#, "no store"),
            (r#"{"ropc_store":1,"users":{}}{}"#, "no store"),
            (r#"{"ropc_store":"1","users":{}}"#, "not written by"),
            (r#"{"ropc_store":0,"users":{}}"#, "not written by"),
            (r#"{"ropc_store":2,"users":{}}"#, "newer version"),
        ] {
            let found = Users::parse(file.as_bytes()).err().unwrap_or("a store");
            assert!(found.contains(why), "{file}: {found}");
        }
    }

    #[test]
    fn five_hundred_users_and_no_more() {
        let file = |count: usize| {
            let users: Vec<String> = (0..count).map(|at| format!("\"{at}\":{{}}")).collect();
            format!("{{\"ropc_store\":1,\"users\":{{{}}}}}", users.join(","))
        };
        assert!(Users::parse(file(MOST_MEMBERS + 1).as_bytes()).is_err());
        let file = file(MOST_USERS);
        let users = Users::parse(file.as_bytes()).expect("a store");
        assert!(users.with("0", Some("{}")).is_ok());
        assert!(users.with("new", Some("{}")).is_err_and(|why| why.contains("full")));
    }
}
