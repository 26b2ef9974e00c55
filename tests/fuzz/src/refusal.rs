//! A refusal in either form, RFC 6749's and LoginRadius', that repeats what was
//! sent: nothing confidential comes through, in whatever form it came back.

use ropc::oauth::fuzzing::{Answer, Asked, Expects, LOGINRADIUS, Outcome, RFC6749, Sent, retry_after_ms};

use crate::input::{Input, text};
use crate::quoted::{Form, JSON, OTHER, quote};
use crate::{rules, token_answer};

/// With all that is quoted somewhere, and long enough to be no accident.
const PASSWORD: &str = "p\"\u{e4}/\u{df}\\w+rd & <\u{1f511}> 100%41'";
const CLIENT_SECRET: &str = "s3cret~of-the.client_app";

/// A body cannot hold these bytes: each stands for a form of the password, the
/// last for the client's secret.
const MARKS: std::ops::RangeInclusive<u8> = 0xf5..=0xff;

/// The input: a byte each for what was asked and for the status, a line of
/// `Retry-After`, and the body.
pub fn refusal(input: &[u8]) {
    let mut input = Input::new(input);
    let choices = input.byte();
    let loginradius = choices & 1 == 1;
    let profile = if loginradius { &LOGINRADIUS } else { &RFC6749 };
    let status = input.pick(&[400, 400, 401, 403, 200, 404, 405, 413, 429, 500, 502, 503, 302, 100, 451, 999]);
    let wait_ms = retry_after_ms(text(input.line()), 0);
    let is_html = choices & 2 != 0;
    let (sent, expects) = match choices >> 2 & 3 {
        0 => (Sent::Password, Expects::Tokens),
        1 => (Sent::Grant, Expects::Tokens),
        2 => (Sent::Bearer, Expects::Object),
        _ => (Sent::Bearer, Expects::Posted),
    };
    let answer = Answer { retry_after_ms: wait_ms, is_html, ..token_answer::answer(status, &planted(input.rest())) };
    let endpoint = token_answer::endpoint();
    let asked = Asked::new(profile, &endpoint, sent, &|| vec![PASSWORD, CLIENT_SECRET]);
    match asked.outcome(&answer, expects) {
        Ok(Outcome::Tokens(_)) => assert!(token_answer::read(answer.body.expose(), loginradius).is_some()),
        Ok(_) => assert_eq!(status, 200, "a success"),
        Err(error) => {
            assert_eq!(error.retry_after_ms, wait_ms);
            rules::of_answer(&error, status);
            rules::error(&error, &secrets());
        }
    }
}

/// All the forms that a mark may stand for, by the mark.
fn form(mark: u8) -> String {
    let at = usize::from(mark - MARKS.start());
    match at {
        0..=3 => quote(PASSWORD, OTHER[at + 1]),
        4..=5 => quote(&quote(PASSWORD, OTHER[at - 1]), Form::Json),
        6..=8 => quote(&quote(PASSWORD, JSON[at - 6]), Form::Json),
        9 => quote(PASSWORD, Form::JsonAll),
        _ => CLIENT_SECRET.to_owned(),
    }
}

fn planted(body: &[u8]) -> Vec<u8> {
    let mut planted = Vec::with_capacity(body.len());
    for byte in body {
        match MARKS.contains(byte) {
            true => planted.extend_from_slice(form(*byte).as_bytes()),
            false => planted.push(*byte),
        }
    }
    planted
}

/// What must not be found: each form, and the password as it is.
fn secrets() -> Vec<String> {
    MARKS.map(form).chain([PASSWORD.to_owned()]).collect()
}
