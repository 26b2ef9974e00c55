//! A protected API: what an access token is for.

use std::iter;

use serde_json::json;

use crate::grants::Access;
use crate::http::{Answer, Seen};
use crate::hub::Hub;
use crate::token::Reply;
use crate::{endpoints, errors};

/// Answers `/api/WHAT`, once the access token is good.
pub(crate) fn answer(hub: &Hub, seen: &Seen, what: &str) -> Reply {
    let access = match endpoints::live_access(hub, seen) {
        Ok(access) => access,
        Err(useless) if what == "lr" => return plain(seen, errors::vendor_token(useless)),
        Err(_) => return plain(seen, errors::invalid_token()),
    };
    let number = |name| seen.query(name).and_then(|text| text.parse::<usize>().ok()).unwrap_or(0);
    let answer = match what {
        "echo" | "lr" => echo(seen, &access),
        "always401" => errors::invalid_token(),
        "redirect" => {
            let target = seen.query("to").unwrap_or_else(|| "/api/echo".to_owned());
            let mut answer = Answer::empty(302).with("Location", target);
            answer.body = b"It is elsewhere.".to_vec();
            answer
        }
        "big" => {
            let mut answer = Answer::empty(200).with("Content-Type", "application/octet-stream");
            answer.body = iter::repeat_n(b'b', number("bytes")).collect();
            answer
        }
        "empty" => Answer::empty(204),
        // A fault because those know how to wait while the client stays.
        "slow" => return Reply::Fault(format!("delay_{}", number("ms")), echo(seen, &access)),
        _ => endpoints::not_found(),
    };
    plain(seen, answer)
}

fn plain(seen: &Seen, answer: Answer) -> Reply {
    Reply::Plain(if seen.method == "HEAD" { answer.without_body() } else { answer })
}

fn echo(seen: &Seen, access: &Access) -> Answer {
    let shown = |(name, _): &&(String, String)| !name.eq_ignore_ascii_case("authorization");
    Answer::json(
        200,
        &json!({
            "method": seen.method,
            "target": seen.target,
            "headers": seen.headers.iter().filter(shown).collect::<Vec<_>>(),
            "body": seen.text(),
            "sub": access.subject.id(),
            "user": access.subject.user,
        }),
    )
}
