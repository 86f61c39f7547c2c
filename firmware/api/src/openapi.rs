//! The OpenAPI 3.1 document, generated from the handlers.

use utoipa::openapi::path::Operation;
use utoipa::openapi::schema::{Schema, SchemaType, Type};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{ContentBuilder, OpenApi as Document, Ref, RefOr, ResponseBuilder};
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

/// What holds for every operation, added where a handler does not say it itself: how bodies are
/// refused before a handler sees them, and that a query has no `null`.
struct Common;

impl Modify for Common {
    fn modify(&self, document: &mut Document) {
        for item in document.paths.paths.values_mut() {
            let methods = [&mut item.get, &mut item.put, &mut item.post, &mut item.delete, &mut item.patch];
            for operation in methods.into_iter().flatten() {
                complete(operation);
            }
        }
    }
}

fn complete(operation: &mut Operation) {
    for parameter in operation.parameters.iter_mut().flatten() {
        if let RefOr::T(parameter) = parameter
            && let Some(RefOr::T(schema)) = &mut parameter.schema
        {
            without_null(schema);
        }
    }
    if operation.request_body.is_none() {
        return;
    }
    let refused = [("400", "It is no JSON."), ("413", "It is too large."), ("415", "It is not called JSON.")];
    for (status, why) in refused {
        let error = Ref::from_schema_name("ErrorBody");
        let content = ContentBuilder::new().schema(Some(error)).build();
        let response = ResponseBuilder::new().description(why).content("application/json", content);
        operation.responses.responses.entry(status.to_owned()).or_insert_with(|| response.build().into());
    }
}

fn without_null(schema: &mut Schema) {
    if let Schema::OneOf(choices) = schema {
        choices.items.retain(|choice| !is_null(choice));
    } else if let Schema::Object(object) = schema
        && let SchemaType::Array(types) = &object.schema_type
    {
        let mut rest = types.iter().filter(|kind| **kind != Type::Null);
        if let (Some(only), None) = (rest.next(), rest.next()) {
            object.schema_type = SchemaType::Type(only.clone());
        }
    }
}

fn is_null(schema: &RefOr<Schema>) -> bool {
    matches!(schema, RefOr::T(Schema::Object(object)) if object.schema_type == SchemaType::Type(Type::Null))
}

pub(crate) fn base() -> Document {
    Base::openapi()
}

/// The whole document as pretty JSON, ending with a line break.
pub fn document() -> String {
    let (_, mut document) = crate::routes::rest().split_for_parts();
    Common.modify(&mut document);
    document.to_pretty_json().map(|text| text + "\n").unwrap_or_default()
}
