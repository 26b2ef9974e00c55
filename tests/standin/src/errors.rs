//! Refusals in the forms the two kinds of server use.

use serde_json::{Value, json};

use crate::accounts::{Account, Extra, Shape};
use crate::clock;
use crate::grants::Useless;
use crate::http::Answer;

/// The OAuth form.
pub(crate) fn oauth(status: u16, error: &str, description: &str) -> Answer {
    let answer = Answer::json(status, &json!({"error": error, "error_description": description}));
    if status == 401 {
        return answer.with("WWW-Authenticate", "Basic realm=\"standin\"");
    }
    answer
}

/// The LoginRadius form.
pub(crate) fn vendor(status: u16, code: i64, text: &str) -> Answer {
    Answer::json(status, &vendor_body(code, text))
}

/// The same for an access token that opens nothing.
pub(crate) fn vendor_token(useless: Useless) -> Answer {
    match useless {
        Useless::Unknown => vendor(403, 905, "The access token is not valid"),
        Useless::Expired => vendor(403, 906, "The access token has expired"),
    }
}

/// The refusal of such a token in the form of RFC 6750.
pub(crate) fn invalid_token() -> Answer {
    Answer::json(401, &json!({"error": "invalid_token"})).with("WWW-Authenticate", "Bearer error=\"invalid_token\"")
}

fn vendor_body(code: i64, text: &str) -> Value {
    json!({
        "Description": text,
        "ErrorCode": code,
        "Message": text,
        "IsProviderError": false,
        "ProviderErrorResponse": null,
    })
}

/// The answer an account gets that does not simply sign in. `generic` is the
/// RFC 6749 endpoint, which knows nothing of LoginRadius.
pub(crate) fn of_account(account: &Account, generic: bool, password: &str) -> Answer {
    let echo = format!("{} {password}", account.text);
    let text = match account.extra {
        Extra::EchoPassword => &echo,
        _ => account.text,
    };
    let status = account.status;
    let answer = match account.shape {
        Shape::OAuth(error) => oauth(status, error, text),
        Shape::OtherJson if generic => oauth(status, "temporarily_unavailable", text),
        Shape::OtherJson => Answer::json(status, &json!({"Message": text})),
        Shape::Html => Answer::html(status, text),
        Shape::Nothing => Answer::empty(status),
        _ if generic => oauth(400, "invalid_grant", text),
        Shape::Tokens => Answer::json(status, &second_factor()),
        Shape::Vendor(code) => Answer::json(status, &decorated(account, code, text)),
        Shape::VendorLower(code) => Answer::json(status, &lower_camel(decorated(account, code, text))),
    };
    match account.extra {
        Extra::RetryAfter(seconds) => answer.with("Retry-After", seconds.to_string()),
        Extra::RetryAfterDate(seconds) => answer.with("Retry-After", clock::http_date(clock::now_at() + seconds)),
        _ => answer,
    }
}

fn decorated(account: &Account, code: i64, text: &str) -> Value {
    let mut body = vendor_body(code, text);
    match account.extra {
        Extra::LockedFor(seconds) => {
            let until = clock::iso_date(clock::now_at() + seconds);
            body["Data"] = json!({"LoginLockedTimeout": until});
        }
        Extra::FieldErrors => {
            body["Errors"] = json!([
                {"FieldName": "username", "ErrorMessage": "The username is too short"}
            ]);
        }
        _ => {}
    }
    body
}

fn lower_camel(body: Value) -> Value {
    let Value::Object(members) = body else {
        return body;
    };
    let lower = |name: String| name[..1].to_ascii_lowercase() + &name[1..];
    members.into_iter().map(|(n, v)| (lower(n), v)).collect()
}

/// What LoginRadius' own login answers when a second factor is due: a 200
/// that must not be taken for success.
fn second_factor() -> Value {
    json!({
        "Profile": null,
        "access_token": "00000000-0000-0000-0000-000000000000",
        "expires_in": "0001-01-01T00:00:00",
        "SecondFactorAuthentication": {
            "SecondFactorAuthenticationToken": "second-factor-token-1234",
            "ExpireIn": clock::iso_date(clock::now_at() + 300),
            "QRCode": null,
            "ManualEntryCode": null,
            "IsGoogleAuthenticatorVerified": true,
            "IsOTPAuthenticatorVerified": false,
            "OTPPhoneNo": null,
        },
    })
}
