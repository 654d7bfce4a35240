//! `consent healthy`: for images that hold nothing else that could ask.

use super::Answer;
use super::parts::LISTEN;
use anyhow::{Context as _, Result};
use consent_server::input;
use std::io::Write as _;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::time::Duration;

/// How long the server may take.
const PATIENCE: Duration = Duration::from_secs(4);

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Where the server listens.
    #[arg(
        long,
        value_name = "ADDRESS:PORT",
        env = "CONSENT_LISTEN",
        default_value = LISTEN
    )]
    listen: SocketAddr,
}

pub(super) fn run(args: &Args) -> Result<Answer> {
    let mut address = args.listen;
    match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => address.set_ip(Ipv4Addr::LOCALHOST.into()),
        IpAddr::V6(ip) if ip.is_unspecified() => address.set_ip(Ipv6Addr::LOCALHOST.into()),
        _ => {}
    }
    let answer = ask(address).with_context(|| format!("no answer from {address}"))?;
    if answer.starts_with("HTTP/1.1 200 ") {
        return Ok(Answer::Yes);
    }
    eprintln!("{}", answer.lines().next().unwrap_or("no answer"));
    Ok(Answer::No)
}

fn ask(address: SocketAddr) -> std::io::Result<String> {
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    write!(
        stream,
        "GET /readyz HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n"
    )?;
    // Whoever answers on that port, its first line is enough.
    let answer = input::read_from(stream, input::TEXT)?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}
