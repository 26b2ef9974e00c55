//! The record of one user: what is kept of a session, as one line of JSON.

use std::io::{self, Write as _};

use super::{VERSION, check_version};
use crate::oauth::error::Error;
use crate::oauth::json::{self, Members};
use crate::oauth::limits::RECORD;
use crate::oauth::reason::Reason;
use crate::oauth::secret::{Secret, SecretBytes};
use crate::oauth::time::LATEST_AT;

/// Whose record it is: nobody else may use it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binding {
    /// The origin of the token endpoint.
    pub origin: String,
    /// The application.
    pub client_id: String,
    /// What the program calls the user.
    pub user_key: String,
}

/// What is kept of a session.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Record {
    /// Another with each save, and mostly a higher one. In a file, which is
    /// locked, any other than the known one is a later one.
    pub generation: u64,
    /// The access token.
    pub access_token: Option<Secret>,
    /// What gets the next one.
    pub refresh_token: Option<Secret>,
    /// Who signed in, as it was issued.
    pub id_token: Option<Secret>,
    /// What was granted, when the server said so.
    pub scope: Option<String>,
    /// When the access token ends; 0 = unknown.
    pub expires_at: i64,
    /// When the tokens came.
    pub received_at: i64,
    /// When a refresh was about to be sent whose end was never recorded; 0 =
    /// none is under way.
    pub marked_at: i64,
}

impl Record {
    /// The same again. By name and not `Clone`: each copy holds the secrets.
    pub fn copy(&self) -> Record {
        Record {
            generation: self.generation,
            access_token: self.access_token.as_ref().map(Secret::copy),
            refresh_token: self.refresh_token.as_ref().map(Secret::copy),
            id_token: self.id_token.as_ref().map(Secret::copy),
            scope: self.scope.clone(),
            expires_at: self.expires_at,
            received_at: self.received_at,
            marked_at: self.marked_at,
        }
    }

    /// The record as text: one line, which [`parse`](Record::parse) reads.
    /// What that would refuse is refused here already.
    pub fn to_json(&self, binding: &Binding) -> Result<Secret, Error> {
        let mut json = SecretBytes::with_capacity(4096);
        let text = match self.write(binding, &mut json) {
            Ok(()) => std::str::from_utf8(json.expose()).unwrap_or_default(),
            Err(_) => return Err(Error::new(Reason::Bug, "The record could not be written as JSON")),
        };
        match Record::parse(text, binding) {
            Ok(_) => Ok(Secret::new(text)),
            Err(_) => Err(Error::argument(format_args!(
                "The tokens cannot be stored: they are not visible ASCII, or fill more than {RECORD} bytes"
            ))),
        }
    }

    fn write(&self, binding: &Binding, json: &mut SecretBytes) -> io::Result<()> {
        let exposed = |token| Option::map(Option::as_ref(token), Secret::expose);
        let texts = [
            ("origin", Some(binding.origin.as_str())),
            ("client_id", Some(binding.client_id.as_str())),
            ("user_key", Some(binding.user_key.as_str())),
            ("access_token", exposed(&self.access_token)),
            ("refresh_token", exposed(&self.refresh_token)),
            ("id_token", exposed(&self.id_token)),
            ("scope", self.scope.as_deref()),
        ];
        let instant = |at: i64| at.clamp(0, LATEST_AT).unsigned_abs();
        let numbers = [
            ("generation", self.generation),
            ("expires_at", instant(self.expires_at)),
            ("received_at", instant(self.received_at)),
            ("marked_at", instant(self.marked_at)),
        ];
        write!(json, "{{\"ropc_record\":{VERSION}")?;
        for (name, text) in texts {
            if let Some(text) = text {
                write!(json, ",\"{name}\":")?;
                serde_json::to_writer(&mut *json, text)?;
            }
        }
        for (name, number) in numbers {
            write!(json, ",\"{name}\":{number}")?;
        }
        json.write_all(b"}")
    }

    /// The record in `text`, if it is of `binding`.
    pub fn parse(text: &str, binding: &Binding) -> Result<Record, Error> {
        let broken = |what: &str| Error::new(Reason::StoreBroken, format_args!("The stored record {what}"));
        if text.len() > RECORD {
            return Err(broken("is too long"));
        }
        let members = Members::parse(text.as_bytes()).ok_or_else(|| broken("is no JSON object"))?;
        check_version(&members, "ropc_record").map_err(broken)?;
        let bound = [
            ("origin", &binding.origin, "server"),
            ("client_id", &binding.client_id, "application"),
            ("user_key", &binding.user_key, "user"),
        ];
        for (name, expected, whose) in bound {
            let found = members.get(name).and_then(json::string);
            match found.ok_or_else(|| broken("does not say whose it is"))? == *expected {
                true => {}
                false => {
                    let what = format_args!("The stored record is of another {whose}");
                    return Err(Error::new(Reason::StoreForeign, what));
                }
            }
        }
        Record::read(&members).ok_or_else(|| broken("lacks a member, or holds one that cannot be used"))
    }

    fn read(members: &Members<'_>) -> Option<Record> {
        Some(Record {
            generation: number(members, "generation")?,
            access_token: token(members, "access_token", false)?,
            // RFC 6749, A.17 allows spaces here.
            refresh_token: token(members, "refresh_token", true)?,
            id_token: token(members, "id_token", false)?,
            scope: match members.get("scope") {
                Some(scope) => {
                    Some(json::string(scope).filter(|scope| !scope.contains(char::is_control))?.into_owned())
                }
                None => None,
            },
            expires_at: instant(members, "expires_at")?,
            received_at: instant(members, "received_at")?,
            marked_at: instant(members, "marked_at")?,
        })
    }
}

/// A whole number; nothing that only looks like one.
fn number(members: &Members<'_>, name: &str) -> Option<u64> {
    members.get(name)?.get().parse().ok()
}

fn instant(members: &Members<'_>, name: &str) -> Option<i64> {
    let at = i64::try_from(number(members, name)?).ok()?;
    (at <= LATEST_AT).then_some(at)
}

/// `Some(None)` when there is none; `None` when what is there is no token.
fn token(members: &Members<'_>, name: &str, blank: bool) -> Option<Option<Secret>> {
    match members.get(name) {
        Some(value) => json::token(value, blank).map(Some),
        None => Some(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ada() -> Binding {
        Binding { origin: "https://a.example".into(), client_id: "app".into(), user_key: "ada".into() }
    }

    fn full() -> Record {
        Record {
            generation: u64::MAX,
            access_token: Some(Secret::new(r#"q"b\s/'"#)),
            refresh_token: Some(Secret::new(r#"with space"\"#)),
            id_token: Some(Secret::new("e30.e30.sig")),
            scope: Some("openid profil\u{e9}".into()),
            expires_at: LATEST_AT,
            received_at: 1_700_000_000,
            marked_at: 1,
        }
    }

    fn parse(text: &str) -> Result<Record, Reason> {
        Record::parse(text, &ada()).map_err(|error| error.reason)
    }

    #[test]
    fn records_come_back_as_they_were() {
        for record in [full(), Record::default()] {
            for key in ["ada", "", "a\"\\\u{0}\n\u{7f}", "\u{202e}\u{1f469}\u{200d}\u{1f4bb} \u{df}", "{\"x\":1}"] {
                let binding = Binding { user_key: key.into(), ..ada() };
                let json = record.to_json(&binding).expect("a text");
                let plain = |char: char| char >= ' ';
                assert!(json.expose().chars().all(plain), "one line, no NUL: {key:?}");
                assert_eq!(Record::parse(json.expose(), &binding).expect("a record"), record, "{key:?}");
            }
            assert_eq!(record.copy(), record);
        }
    }

    #[test]
    fn the_format_is_the_promised_one() {
        let json = Record { generation: 7, refresh_token: Some(Secret::new("r")), ..Record::default() }.to_json(&ada());
        let expected = r#"{"ropc_record":1,"origin":"https://a.example","client_id":"app","user_key":"ada","refresh_token":"r","generation":7,"expires_at":0,"received_at":0,"marked_at":0}"#;
        assert_eq!(json.expect("a text").expose(), expected);
        // Members of later versions, null, and white space.
        let later = expected.replace("\"generation\"", "\"later\": [1], \"id_token\": null,\n\"generation\"");
        assert_eq!(parse(&later).map(|record| record.generation), Ok(7));
    }

    #[test]
    fn a_record_of_somebody_else_is_refused() {
        let json = full().to_json(&ada()).expect("a text");
        let others = [
            (Binding { origin: "https://a.example:444".into(), ..ada() }, "server"),
            (Binding { client_id: "App".into(), ..ada() }, "application"),
            (Binding { user_key: "ada ".into(), ..ada() }, "user"),
        ];
        for (other, whose) in others {
            let error = Record::parse(json.expose(), &other).expect_err("foreign");
            assert_eq!(error.reason, Reason::StoreForeign, "{whose}");
            assert!(error.message.contains(whose), "{error}");
        }
    }

    #[test]
    fn what_is_no_record_is_refused() {
        let good = full().to_json(&ada()).expect("a text");
        let good = good.expose();
        assert!(parse(good).is_ok());
        let with = |from: &str, to: &str| {
            assert!(good.contains(from), "{from}");
            good.replace(from, to)
        };
        let mut texts: Vec<String> = ["", "null", "[]", "{}", "\u{0}"].map(String::from).into();
        for name in ["ropc_record", "origin", "client_id", "user_key", "generation", "expires_at", "received_at"] {
            texts.push(with(&format!("\"{name}\":"), "\"other\":"));
        }
        for (from, to) in [
            ("\"ropc_record\":1", "\"ropc_record\":2"),
            ("\"ropc_record\":1", "\"ropc_record\":0"),
            ("\"ropc_record\":1", "\"ropc_record\":\"1\""),
            ("\"origin\":\"https://a.example\"", "\"origin\":1"),
            ("18446744073709551615", "18446744073709551616"),
            ("18446744073709551615", "1.0"),
            ("18446744073709551615", "-1"),
            ("1700000000", "\"1700000000\""),
            ("1700000000", "1e9"),
            ("1700000000", "-1"),
            ("253402300799", "253402300800"),
            ("\"marked_at\":1", "\"marked_at\":true"),
            ("e30.e30.sig", ""),
            ("e30.e30.sig", "e30 e30"),
            ("e30.e30.sig", "e30\\n"),
            ("e30.e30.sig", "e30\u{7f}"),
            ("e30.e30.sig", "e30\u{e9}"),
            ("\"e30.e30.sig\"", "{}"),
            ("with space", "with\\u0000"),
            ("openid ", "openid\\r"),
            ("}", ",\"generation\":1}"),
            ("}", "}{}"),
            ("}", ""),
        ] {
            texts.push(with(from, to));
        }
        for text in texts {
            assert_eq!(parse(&text).expect_err("no record"), Reason::StoreBroken, "{text}");
        }
    }

    #[test]
    fn a_newer_version_is_called_so() {
        let error = Record::parse(r#"{"ropc_record":2}"#, &ada()).expect_err("newer");
        assert!(error.message.contains("newer version"), "{error}");
    }

    #[test]
    fn what_could_not_be_read_back_is_not_written() {
        const LONGEST: usize = 262_144;
        let long = |bytes: usize| Record { access_token: Some(Secret::new(&"a".repeat(bytes))), ..Record::default() };
        let around = long(1).to_json(&ada()).expect("a text").expose().len() - 1;
        assert!(long(LONGEST - around).to_json(&ada()).is_ok());
        let not_ascii = Record { refresh_token: Some(Secret::new("r\u{e9}")), ..Record::default() };
        for record in [long(LONGEST - around + 1), not_ascii, long(0)] {
            let error = record.to_json(&ada()).expect_err("no text");
            assert_eq!(error.reason, Reason::Argument);
        }
        // One byte more, that does not matter to the format.
        let text = format!("{} ", long(LONGEST - around).to_json(&ada()).expect("a text").expose());
        assert_eq!(parse(&text), Err(Reason::StoreBroken));
    }

    #[test]
    fn instants_stay_within_bounds() {
        let odd = Record { expires_at: i64::MAX, received_at: i64::MIN, marked_at: -1, ..Record::default() };
        let json = odd.to_json(&ada()).expect("a text");
        let read = Record::parse(json.expose(), &ada()).expect("a record");
        assert_eq!((read.expires_at, read.received_at, read.marked_at), (LATEST_AT, 0, 0));
    }

    #[test]
    fn nothing_secret_is_shown() {
        let shown = format!("{:?}", full());
        for secret in ["q\"b", "q\\\"b", "with space", "e30"] {
            assert!(!shown.contains(secret), "{shown}");
        }
        let text = full().to_json(&ada()).expect("a text").expose().replace("with space", "with\\nspace");
        let error = Record::parse(&text, &ada()).expect_err("broken");
        assert!(!format!("{error:?}").contains("space"), "{error}");
    }
}
