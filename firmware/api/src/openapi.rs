//! The OpenAPI 3.1 document, generated from the handlers.

use utoipa::openapi::OpenApi as Document;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi};

#[derive(OpenApi)]
#[openapi(
    info(title = "Huddlebox", description = "Management API of a Huddlebox.", license(name = "Apache-2.0", identifier = "Apache-2.0")),
    servers((url = "/api/v1")),
    modifiers(&Schemes),
    security(("apiKey" = []), ("accessToken" = []), ("roomMemberToken" = [])),
)]
struct Base;

struct Schemes;

impl Modify for Schemes {
    fn modify(&self, document: &mut Document) {
        let components = document.components.get_or_insert_default();
        let header = |name: &str| SecurityScheme::ApiKey(ApiKey::Header(ApiKeyValue::new(name)));
        components.add_security_scheme("apiKey", header("X-API-KEY"));
        components.add_security_scheme("roomMemberToken", header("X-Room-Member-Token"));
        components.add_security_scheme("refreshToken", header("X-Refresh-Token"));
        let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT");
        components.add_security_scheme("accessToken", SecurityScheme::Http(bearer.build()));
    }
}

pub(crate) fn base() -> Document {
    Base::openapi()
}

/// The whole document as pretty JSON, ending with a line break.
pub fn document() -> String {
    let (_, document) = crate::routes::rest().split_for_parts();
    document.to_pretty_json().map(|text| text + "\n").unwrap_or_default()
}
