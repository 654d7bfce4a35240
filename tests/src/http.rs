//! Plain requests, as scripts make them.

use anyhow::{Context as _, Result, ensure};

/// The body of a page; other answers than 2xx are errors.
pub fn get(url: &str, token: Option<&str>) -> Result<String> {
    let mut request = ureq::get(url);
    if let Some(token) = token {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    let mut response = request.call().with_context(|| format!("GET {url}"))?;
    Ok(response
        .body_mut()
        .with_config()
        .limit(1 << 30)
        .read_to_string()?)
}

/// The body of a page that is asked for with headers, empty ones left out.
pub fn get_with(url: &str, headers: &[(&str, &str)]) -> Result<String> {
    let (status, body) = status_with(url, headers)?;
    ensure!(status == 200, "GET {url}: {status}");
    Ok(body)
}

/// The same for any answer: its status and body.
pub fn status_with(url: &str, headers: &[(&str, &str)]) -> Result<(u16, String)> {
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .build()
        .into();
    let mut request = agent.get(url);
    for (name, value) in headers.iter().filter(|(_, value)| !value.is_empty()) {
        request = request.header(*name, *value);
    }
    let mut response = request.call().with_context(|| format!("GET {url}"))?;
    let body = response.body_mut().read_to_string()?;
    Ok((response.status().as_u16(), body))
}

/// Posts JSON; answers the status and the body, whatever they are.
pub fn post(url: &str, json: &str) -> Result<(u16, String)> {
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .build()
        .into();
    let request = agent.post(url).header("content-type", "application/json");
    let mut response = request.send(json).with_context(|| format!("POST {url}"))?;
    Ok((
        response.status().as_u16(),
        response.body_mut().read_to_string()?,
    ))
}
