//! The vendor's identity API: what may follow a login.

use serde_json::{Value, json};

use crate::grants::{Access, Grants};
use crate::http::{Answer, Seen};
use crate::hub::Hub;
use crate::{clock, endpoints, errors};

/// The API key of the identity endpoints. The same with `-920` or `-922`
/// behind it is refused with that code; any other with 901.
pub const API_KEY: &str = "standin-api-key";

/// What `validate` answers the user `validate:NAME`; anybody else gets the
/// plain form, with the expiry as a date.
pub const VALIDATIONS: [&str; 4] = ["number", "text", "never", "refresh"];

/// Answers `/identity/v2/auth/...`: access token and API key are needed, and
/// refusals have the vendor's form.
pub(crate) fn answer(hub: &Hub, seen: &Seen, what: &[&str]) -> Answer {
    if seen.method != "GET" {
        return Answer::empty(405).with("Allow", "GET");
    }
    let key = seen.query("apikey").unwrap_or_default();
    match key.strip_prefix(API_KEY) {
        Some("") => {}
        Some("-920") => return errors::vendor(400, 920, "The API key is not valid"),
        Some("-922") => return errors::vendor(400, 922, "The API key may not do this"),
        _ => return errors::vendor(403, 901, "The API key is not valid"),
    }
    let access = match endpoints::live_access(hub, seen) {
        Ok(access) => access,
        Err(useless) => return errors::vendor_token(useless),
    };
    let token = endpoints::bearer(seen).unwrap_or_default();
    let mut grants = hub.grants.lock().expect("held for an instant");
    match what {
        ["account"] => Answer::json(200, &profile(&access, seen.query("fields"))),
        ["access_token", "validate"] => Answer::json(200, &validation(&grants, token, &access)),
        ["access_token", "invalidate"] => {
            let prevent_refresh = seen.query("preventRefresh").as_deref() == Some("true");
            grants.invalidate(token, prevent_refresh);
            Answer::json(200, &json!({"IsPosted": true}))
        }
        _ => endpoints::not_found(),
    }
}

fn validation(grants: &Grants, token: &str, access: &Access) -> Value {
    let left = access.expires_at.saturating_sub(clock::now_at());
    let mut body = json!({"access_token": token, "expires_in": clock::iso_date(access.expires_at)});
    match access.subject.user.strip_prefix("validate:") {
        Some("number") => body["expires_in"] = left.into(),
        Some("text") => body["expires_in"] = left.to_string().into(),
        Some("never") => body["expires_in"] = "0001-01-01T00:00:00".into(),
        Some("refresh") => body["refresh_token"] = grants.refresh_beside(access).into(),
        _ => {}
    }
    body
}

fn profile(access: &Access, fields: Option<String>) -> Value {
    let subject = &access.subject;
    let mut profile = json!({
        "Uid": subject.id(),
        "ID": subject.id(),
        "UserName": subject.user,
        "FirstName": subject.user,
        "LastName": null,
        "FullName": subject.user,
        "Email": [{"Type": "Primary", "Value": subject.email()}],
        "EmailVerified": true,
        "PhoneId": null,
        "PhoneIdVerified": false,
        "Provider": "Email",
        "IsActive": true,
        "NoOfLogins": 1,
        "CustomFields": null,
        "LastLoginDate": clock::iso_date(clock::now_at()),
    });
    if let (Some(fields), Value::Object(members)) = (fields, &mut profile) {
        members.retain(|name, _| fields.split(',').any(|field| field == name));
    }
    profile
}
