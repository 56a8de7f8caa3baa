//! The effective configuration, when it may be read.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Method, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::auth::Access;
use crate::error::{ApiError, Result};
use crate::options::{ConfigValue, ExposeConfig};
use crate::request::accept::{Accept, accepted};
use crate::request::query::Query;
use crate::routes::{Route, route};
use crate::state::App;

const HIDDEN: &str = "< hidden >";

pub fn routes() -> Vec<Route> {
    vec![
        route(Method::GET, "/api/v2/config", "get_config", Access::Read, get_config),
        route(Method::GET, "/api/v2/config/section/{section}/option/{option}", "get_config_value", Access::Read, get_value),
    ]
}

async fn get_config(State(app): State<App>, query: Query, headers: HeaderMap) -> Result<Response> {
    let accept = accepted(&headers)?;
    let values = exposed(&app)?;
    let wanted = query.text("section");
    let chosen: Vec<&ConfigValue> = values.iter().filter(|value| wanted.as_ref().is_none_or(|section| value.section == *section)).collect();
    if let (Some(section), true) = (&wanted, chosen.is_empty()) {
        return Err(ApiError::NotFound(format!("Section {section} not found.")));
    }
    Ok(answer(&app, &chosen, accept))
}

async fn get_value(State(app): State<App>, Path((section, option)): Path<(String, String)>, headers: HeaderMap) -> Result<Response> {
    let accept = accepted(&headers)?;
    let values = exposed(&app)?;
    let found = values.iter().find(|value| value.section == section && value.key == option);
    match found {
        Some(value) => Ok(answer(&app, &[value], accept)),
        None => Err(ApiError::NotFound(format!("Option [{section}/{option}] not found."))),
    }
}

fn exposed(app: &App) -> Result<&[ConfigValue]> {
    match app.options().expose_config {
        ExposeConfig::No => Err(ApiError::Forbidden(
            "Your Airflow administrator chose not to expose the configuration, most likely for security reasons.".into(),
        )),
        ExposeConfig::NonSensitive | ExposeConfig::Yes => Ok(&app.options().config),
    }
}

fn answer(app: &App, values: &[&ConfigValue], accept: Accept) -> Response {
    let hide = app.options().expose_config == ExposeConfig::NonSensitive;
    let shown = |value: &ConfigValue| if hide && value.sensitive { HIDDEN.to_owned() } else { value.value.clone() };
    let mut sections: Vec<(&str, Vec<(&str, String)>)> = Vec::new();
    for value in values {
        match sections.iter_mut().find(|(name, _)| *name == value.section) {
            Some((_, options)) => options.push((&value.key, shown(value))),
            None => sections.push((&value.section, vec![(&value.key, shown(value))])),
        }
    }
    match accept {
        Accept::Json => {
            let sections: Vec<Value> = sections
                .iter()
                .map(|(name, options)| {
                    let options: Vec<Value> = options.iter().map(|(key, value)| json!({ "key": key, "value": value })).collect();
                    json!({ "name": name, "options": options })
                })
                .collect();
            Json(json!({ "sections": sections })).into_response()
        }
        Accept::Text => {
            let blocks: Vec<String> = sections
                .iter()
                .map(|(name, options)| {
                    let lines: Vec<String> = options.iter().map(|(key, value)| format!("{key} = {value}\n")).collect();
                    format!("[{name}]\n{}", lines.concat())
                })
                .collect();
            ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], blocks.join("\n")).into_response()
        }
    }
}
