//! What one client can do to a server: nothing that others notice.

use crate::support;
use axum::Router;
use axum::body::Body;
use consent_server::auth::Role;
use consent_server::calls::Calls;
use consent_server::limit::{Client, Rate, Rates};
use consent_server::serve::{ConnectionLimits, answer};
use consent_server::server::Config;
use std::future::pending;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use support::page::Page;
use support::process::Process;
use support::{Gate, Server, Wrapped, request, write_site};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::task::JoinSet;

/// Longer than any of these tests may take: what ends by it has not ended by the limit that is tried.
const FOR_EVER: Duration = Duration::from_mins(10);

/// Long on a busy machine, and nothing beside the other.
const SOON: Duration = Duration::from_mins(1);

const SHORT: Duration = Duration::from_millis(300);

/// So many places, and all the time in the world.
fn places(most: usize) -> ConnectionLimits {
    ConnectionLimits {
        head_timeout: FOR_EVER,
        body_timeout: FOR_EVER,
        unread_timeout: FOR_EVER,
        ..ConnectionLimits::of(most)
    }
}

async fn listen(router: Router, connections: ConnectionLimits) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(answer(router, listener, connections, pending()));
    address
}

/// From another address of this machine.
async fn connect_as(own: &str, address: SocketAddr) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(format!("{own}:0").parse().unwrap()).unwrap();
    socket.connect(address).await.unwrap()
}

async fn flood(own: &str, address: SocketAddr, connections: usize, sent: &str) -> Vec<TcpStream> {
    let mut open = Vec::new();
    for _ in 0..connections {
        let mut stream = connect_as(own, address).await;
        // One that has been closed meanwhile is as good.
        let _ = stream.write_all(sent.as_bytes()).await;
        open.push(stream);
    }
    open
}

/// All that comes until the server closes the connection.
async fn told(mut stream: TcpStream) -> String {
    let mut answer = Vec::new();
    let read = tokio::time::timeout(SOON, stream.read_to_end(&mut answer)).await;
    let _ = read.expect("the connection stays open");
    String::from_utf8_lossy(&answer).into_owned()
}

async fn ask(mut stream: TcpStream, sent: &str) -> String {
    let _ = stream.write_all(sent.as_bytes()).await;
    told(stream).await
}

async fn is_healthy(stream: TcpStream) -> bool {
    let answer = ask(
        stream,
        "GET /healthz HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n",
    );
    answer.await.starts_with("HTTP/1.1 200 ")
}

/// Every method of every route that is described, and one that is none.
fn routes() -> Vec<(String, String)> {
    let document = include_str!("../../docs/openapi.json");
    let document: serde_json::Value = serde_json::from_str(document).unwrap();
    let paths = document["paths"].as_object().unwrap();
    let mut routes = vec![("POST".to_owned(), "/nothing".to_owned())];
    for (path, item) in paths {
        let path: Vec<&str> = path
            .split('/')
            .map(|part| match part {
                "{site}" => "shop",
                part if part.starts_with('{') => "0",
                part => part,
            })
            .collect();
        for method in item.as_object().unwrap().keys() {
            routes.push((method.to_uppercase(), path.join("/")));
        }
        routes.push(("POST".to_owned(), path.join("/")));
    }
    routes
}

/// The head of a request whose body begins and does not end.
const BODIES: [&str; 4] = [
    "content-length: 100\r\n\r\nx",
    "transfer-encoding: chunked\r\n\r\n5\r\nab",
    "content-length: 100\r\nexpect: 100-continue\r\n\r\n",
    "content-length: 8000\r\ncontent-type: application/json\r\n\r\n{",
];

#[tokio::test(flavor = "multi_thread")]
async fn no_body_of_any_route_is_waited_for() {
    let server = Server::start();
    let token = server.token(Role::Admin, &[], None);
    let connections = ConnectionLimits {
        body_timeout: SHORT,
        ..places(4096)
    };
    let public = listen(server.running.router(), connections).await;
    let staff = listen(server.running.staff_router(), connections).await;
    let metrics = listen(consent_server::api::metrics(&server.app), connections).await;
    let mut all: Vec<_> = routes()
        .into_iter()
        .flat_map(|(method, path)| {
            [
                (public, method.clone(), path.clone()),
                (staff, method, path),
            ]
        })
        .collect();
    assert!(all.len() > 80);
    all.push((metrics, "POST".into(), "/metrics".into()));
    all.push((metrics, "GET".into(), "/metrics".into()));
    let mut closed = JoinSet::new();
    for (address, method, path) in all {
        for (number, body) in BODIES.into_iter().enumerate() {
            let head = format!(
                "{method} {path} HTTP/1.1\r\nhost: a\r\ncontent-type: application/x-www-form-urlencoded\r\n\
                 authorization: Bearer {token}\r\n{body}"
            );
            let is_there = (path == "/v1/verify" && address == public)
                || (path == "/admin/login" && address == staff);
            let own = if path == "/admin/login" { "own " } else { "" };
            let head = head.replace("host: a\r\n", &format!("host: a\r\n{}", origin(own)));
            let what = format!("{is_there} {method} {path} {number}");
            closed.spawn(async move {
                let answer = ask(TcpStream::connect(address).await.unwrap(), &head).await;
                (what, answer)
            });
        }
    }
    while let Some(ended) = closed.join_next().await {
        let (what, answer) = ended.unwrap();
        if what.starts_with("true POST") {
            assert!(answer.contains("HTTP/1.1 408 "), "{what}: {answer}");
            assert!(answer.contains("\"request_timeout\""), "{what}: {answer}");
        }
    }
}

/// What a page of staff's own sends along.
fn origin(own: &str) -> String {
    if own.is_empty() {
        String::new()
    } else {
        format!("origin: {}\r\n", support::STAFF)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_comes_drop_by_drop_is_not_waited_for() {
    let server = Server::start();
    let connections = ConnectionLimits {
        body_timeout: SHORT,
        ..places(64)
    };
    let address = listen(server.running.router(), connections).await;
    for path in [
        "/admin/login",
        "/v1/verify",
        "/v1/sites/shop/consents",
        "/healthz",
    ] {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        let dripping = async {
            while stream.write_all(b"1\r\nx\r\n").await.is_ok() {
                tokio::time::sleep(SHORT / 10).await;
            }
        };
        let ended = tokio::time::timeout(SOON, dripping).await;
        assert!(ended.is_ok(), "{path} takes drops for ever");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_handler_that_makes_nothing_of_it_is_no_way_around_the_deadline() {
    let careless = async |body: Body| {
        let read = axum::body::to_bytes(body, 1000).await;
        format!("{}", read.is_ok())
    };
    let router = Router::new().route("/", axum::routing::post(careless));
    let connections = ConnectionLimits {
        body_timeout: SHORT,
        ..places(64)
    };
    let address = listen(router, connections).await;
    let stream = TcpStream::connect(address).await.unwrap();
    let answer = ask(
        stream,
        "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 9\r\n\r\nx",
    );
    let answer = answer.await;
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
    assert!(answer.contains("connection: close"), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn idle_connections_of_one_peer_stop_nobody() {
    let server = Server::start();
    for sent in [
        "",
        "GET /heal",
        "POST /admin/login HTTP/1.1\r\nhost: a\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: 100\r\n\r\nt",
        "POST /v1/verify HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n5\r\nab",
        "POST /v1/sites/shop/consents HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 500\r\n\r\n{",
        "POST /add-checkpoint HTTP/1.1\r\nhost: a\r\ncontent-length: 100\r\nexpect: 100-continue\r\n\r\n",
        "GET /healthz HTTP/1.1\r\nhost: a\r\n\r\n",
    ] {
        let address = listen(server.running.router(), places(40)).await;
        let mut patient = connect_as("127.0.0.2", address).await;
        // It has its place before the others come.
        let asked = b"GET /healthz HTTP/1.1\r\nhost: a\r\n\r\n";
        patient.write_all(asked).await.unwrap();
        let mut first = String::new();
        while !first.ends_with("\r\n\r\nok\n") {
            first.push(char::from(patient.read_u8().await.unwrap()));
        }
        let _held = flood("127.0.0.1", address, 100, sent).await;
        for own in ["127.0.0.1", "127.0.0.3"] {
            assert!(is_healthy(connect_as(own, address).await).await, "{sent}");
        }
        // Who holds one place keeps it.
        assert!(is_healthy(patient).await, "{sent}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_kept_alive_by_cheap_requests_stop_nobody() {
    let server = Server::start();
    let address = listen(server.running.router(), places(16)).await;
    let asked = b"GET /healthz HTTP/1.1\r\nhost: a\r\n\r\n";
    let mut held = flood("127.0.0.1", address, 40, "").await;
    for _ in 0..3 {
        for stream in &mut held {
            let _ = stream.write_all(asked).await;
        }
        for own in ["127.0.0.1", "127.0.0.2"] {
            assert!(is_healthy(connect_as(own, address).await).await);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_being_answered_keeps_the_place() {
    let gate = Arc::new(Gate::default());
    let server = Server::start_with(support::shop(), |store| {
        Wrapped::waiting(store, Arc::clone(&gate))
    });
    let address = listen(server.running.router(), places(8)).await;
    let body = server.example("shop", 1).to_string();
    let mut record = TcpStream::connect(address).await.unwrap();
    let sent = format!(
        "POST /v1/sites/shop/consents HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\nconnection: close\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    );
    record.write_all(sent.as_bytes()).await.unwrap();
    while server.app.intake.waiting() == 0 && !gate.is_waited_for() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let _held = flood("127.0.0.1", address, 40, "GET /").await;
    assert!(is_healthy(TcpStream::connect(address).await.unwrap()).await);
    gate.open();
    let answer = told(record).await;
    assert!(answer.starts_with("HTTP/1.1 201 "), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_takes_an_answer_drop_by_drop_is_cut_off() {
    let server = Server::start();
    let connections = ConnectionLimits {
        unread_timeout: Duration::from_secs(2),
        ..places(16)
    };
    let address = listen(server.running.router(), connections).await;
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    let stream = socket.connect(address).await.unwrap();
    let asked = "GET /openapi.json HTTP/1.1\r\nhost: a\r\n\r\n".repeat(50);
    let (mut from, mut to) = stream.into_split();
    tokio::spawn(async move {
        // Enough for the system to see that it reads, and far too little.
        let mut drop = [0; 1024];
        while from.read(&mut drop).await.is_ok_and(|read| read > 0) {
            tokio::time::sleep(Duration::from_millis(250)).await;
        }
    });
    let writing = async { while to.write_all(asked.as_bytes()).await.is_ok() {} };
    let cut = tokio::time::timeout(SOON, writing).await;
    assert!(cut.is_ok(), "it is waited for");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_client_of_the_proxy_has_so_many_requests_under_way_and_no_more() {
    let gate = Arc::new(Gate::default());
    let server = Server::start_with(support::shop(), |store| {
        Wrapped::waiting(store, Arc::clone(&gate))
    });
    let connections = ConnectionLimits {
        behind_proxy: true,
        a_client: 3,
        ..places(64)
    };
    let address = listen(server.running.router(), connections).await;
    let mut answers = JoinSet::new();
    for number in 0..5 {
        let body = server.example("shop", number).to_string();
        let sent = format!(
            "POST /v1/sites/shop/consents HTTP/1.1\r\nhost: a\r\nx-forwarded-for: 203.0.113.7\r\nconnection: close\r\n\
             content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        let stream = TcpStream::connect(address).await.unwrap();
        answers.spawn(async move { ask(stream, &sent).await });
    }
    for _ in 0..2 {
        let refused = answers.join_next().await.unwrap().unwrap();
        assert!(refused.starts_with("HTTP/1.1 429 "), "{refused}");
    }
    let other = ask(
        TcpStream::connect(address).await.unwrap(),
        "GET /healthz HTTP/1.1\r\nhost: a\r\nx-forwarded-for: 203.0.113.8\r\nconnection: close\r\n\r\n",
    );
    assert!(other.await.starts_with("HTTP/1.1 200 "));
    gate.open();
    while let Some(answer) = answers.join_next().await {
        let answer = answer.unwrap();
        assert!(answer.starts_with("HTTP/1.1 201 "), "{answer}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whom_the_proxy_does_not_name_is_limited_with_all_others_of_that_kind() {
    let rate = Rate {
        per_second: 1,
        burst: 20,
    };
    let server = Server::start_with_rates(Rates::new(rate, Rate::of(0)));
    let connections = ConnectionLimits {
        behind_proxy: true,
        ..places(64)
    };
    let address = listen(server.running.router(), connections).await;
    let verify = async |header: &str| {
        let sent = format!(
            "POST /v1/verify HTTP/1.1\r\nhost: a\r\n{header}connection: close\r\ncontent-length: 1\r\n\r\nx"
        );
        let answer = ask(TcpStream::connect(address).await.unwrap(), &sent).await;
        answer[9..12].to_owned()
    };
    let began = Instant::now();
    let long = format!("x-forwarded-for: {}\r\n", "9".repeat(10_000));
    let odd = [
        "",
        "x-forwarded-for:\r\n",
        "x-forwarded-for: unknown\r\n",
        "x-forwarded-for: 127.0.0.1\r\n",
        "x-forwarded-for: [::1]:4711\r\n",
        "x-forwarded-for: 203.0.113.7,\r\n",
        "x-forwarded-for: 203.0.113.7\r\nx-forwarded-for: \"\"\r\n",
        &long,
    ];
    let mut passed = 0;
    for header in odd.iter().cycle().take(100) {
        passed += u64::from(verify(header).await == "200");
    }
    let most = 20 + began.elapsed().as_secs() + 1;
    assert!((20..=most).contains(&passed), "{passed}");
    // With its port, a client is told apart.
    assert_eq!(verify("x-forwarded-for: 203.0.113.8:4711\r\n").await, "200");
    assert_eq!(
        verify("x-forwarded-for: [2001:db8::1]:443\r\n").await,
        "200"
    );
}

#[tokio::test]
async fn wrong_tokens_are_limited_before_they_are_looked_up_and_right_ones_are_not() {
    let server = Server::start_with_rates(Rates::new(Rate::of(2), Rate::of(0)));
    let right = server.token(Role::Admin, &[], None);
    let ask = async |path: &str, method: &str, token: &str, client: [u8; 4]| {
        let bearer = format!("Bearer {token}");
        let headers = [("authorization", &*bearer)];
        let mut asked = request(method, path, &headers, Body::empty());
        let client = Client::Peer(IpAddr::from(client));
        asked.extensions_mut().insert(client);
        let staff = server.running.staff_router();
        let answer = tower::ServiceExt::oneshot(staff, asked).await.unwrap();
        answer.status().as_u16()
    };
    for _ in 0..100 {
        assert_eq!(ask("/v1/audit", "GET", &right, [203, 0, 113, 1]).await, 200);
    }
    for (path, method) in [
        ("/v1/audit", "GET"),
        ("/v1/admin/reload", "POST"),
        ("/v1/sites/shop/export?format=csv", "GET"),
    ] {
        // Each from an address of its own, and as fast as it can.
        let client = [198, 51, 100, u8::try_from(path.len()).unwrap()];
        let began = Instant::now();
        let mut looked_up = 0;
        for _ in 0..200 {
            match ask(path, method, "consent_wrong", client).await {
                401 => looked_up += 1,
                status => assert_eq!(status, 429, "{path}"),
            }
        }
        // Ten at once, of which each costs five; then two in five seconds.
        assert!(
            looked_up <= 3 + began.elapsed().as_secs(),
            "{path}: {looked_up}"
        );
        assert_eq!(ask(path, method, &right, client).await, 429);
    }
    assert_eq!(ask("/v1/audit", "GET", &right, [203, 0, 113, 1]).await, 200);
}

#[tokio::test]
async fn a_log_in_is_counted_before_its_body_is_read_and_a_wrong_one_costs_more() {
    let server = Server::start_with_rates(Rates::new(Rate::of(2), Rate::of(0)));
    let log_in = async |body: Body| {
        let headers = [
            ("content-type", "application/x-www-form-urlencoded"),
            ("origin", support::STAFF),
        ];
        let mut asked = request("POST", "/admin/login", &headers, body);
        let client = Client::Peer("203.0.113.1".parse().unwrap());
        asked.extensions_mut().insert(client);
        let staff = server.running.staff_router();
        let answer = tower::ServiceExt::oneshot(staff, asked).await.unwrap();
        answer.status().as_u16()
    };
    let (mut wrong, began) = (0, Instant::now());
    while log_in("token=consent_wrong".into()).await == 403 {
        wrong += 1;
        assert!(wrong <= 2 + began.elapsed().as_secs(), "{wrong}");
    }
    let never = tokio_stream::pending::<Result<Vec<u8>, std::io::Error>>();
    let refused = log_in(Body::from_stream(never));
    let refused = tokio::time::timeout(SOON, refused).await;
    assert_eq!(refused.expect("its body is waited for"), 429);
}

#[tokio::test(flavor = "multi_thread")]
async fn readiness_is_tried_once_a_second_whoever_asks_how_often() {
    let tried = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&tried);
    let server = Server::start_with(support::shop(), |store| {
        Wrapped::asked(store, move || {
            counted.fetch_add(1, Ordering::SeqCst);
        })
    });
    let began = Instant::now();
    let metrics = consent_server::api::metrics(&server.app);
    for _ in 0..20 {
        let mut answers = JoinSet::new();
        for router in [&server.router, &metrics] {
            for _ in 0..25 {
                let asked = request("GET", "/readyz", &[], Body::empty());
                let router = router.clone();
                answers.spawn(async move { tower::ServiceExt::oneshot(router, asked).await });
            }
        }
        while let Some(answer) = answers.join_next().await {
            assert_eq!(answer.unwrap().unwrap().status(), 200);
        }
    }
    let tried = tried.load(Ordering::SeqCst);
    let most = usize::try_from(began.elapsed().as_secs()).unwrap() + 1;
    assert!((1..=most).contains(&tried), "{tried} for 1000 questions");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_hangs_makes_the_server_unready_and_is_asked_once() {
    let (gate, tried) = (Arc::new(Gate::default()), Arc::new(AtomicUsize::new(0)));
    let (closed, counted) = (Arc::clone(&gate), Arc::clone(&tried));
    let server = Server::start_with(support::shop(), |store| {
        Wrapped::asked(store, move || {
            counted.fetch_add(1, Ordering::SeqCst);
            closed.pass();
        })
    });
    let both = tokio::join!(server.get("/readyz", &[]), server.get("/readyz", &[]));
    assert_eq!((both.0.status.as_u16(), both.1.status.as_u16()), (503, 503));
    assert_eq!(both.0.code(), "storage_unavailable");
    assert_eq!(tried.load(Ordering::SeqCst), 1);
    gate.open();
    while server.get("/readyz", &[]).await.status != 200 {}
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_beyond_those_that_run_wait_for_a_while_and_are_refused() {
    let gate = Arc::new(Gate::default());
    let server = Server::open_as(
        tempfile::tempdir().unwrap(),
        support::shop(),
        |store| Wrapped::waiting(store, Arc::clone(&gate)),
        |config| Config {
            calls: Calls::new(2, SHORT, 1),
            ..config
        },
    );
    let token = support::staff_token(&*server.store, Role::Admin, &[], None);
    let mut answers = JoinSet::new();
    for _ in 0..6 {
        let bearer = format!("Bearer {token}");
        let headers = [("authorization", &*bearer)];
        // Written down before it is answered, which waits.
        let asked = request("GET", "/v1/audit", &headers, Body::empty());
        let router = server.running.staff_router();
        answers.spawn(async move {
            let response = tower::ServiceExt::oneshot(router, asked).await.unwrap();
            response.status().as_u16()
        });
    }
    for _ in 0..4 {
        assert_eq!(answers.join_next().await.unwrap().unwrap(), 503);
    }
    gate.open();
    for _ in 0..2 {
        assert_eq!(answers.join_next().await.unwrap().unwrap(), 200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn heads_are_bounded_in_bytes_and_in_lines() {
    let server = Server::start();
    let address = listen(server.running.router(), places(64)).await;
    let status = async |lines: &str| {
        let sent = format!("GET /healthz HTTP/1.1\r\nhost: a\r\nconnection: close\r\n{lines}\r\n");
        let answer = ask(TcpStream::connect(address).await.unwrap(), &sent).await;
        answer.get(9..12).unwrap_or_default().to_owned()
    };
    let line = |bytes: usize| format!("x: {}\r\n", "y".repeat(bytes));
    assert_eq!(status(&line(32_000)).await, "200");
    for bytes in [32_768, 33_000, 40_000, 60_000, 100_000] {
        assert_eq!(status(&line(bytes)).await, "431", "{bytes}");
    }
    assert_eq!(status(&line(1000).repeat(40)).await, "431");
    assert_eq!(status(&line(1).repeat(90)).await, "200");
    assert_eq!(status(&line(1).repeat(120)).await, "431");
    let path = format!(
        "GET /{} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n",
        "y".repeat(40_000)
    );
    let answer = ask(TcpStream::connect(address).await.unwrap(), &path).await;
    assert!(answer.starts_with("HTTP/1.1 4"), "{answer}");
    assert!(!answer.starts_with("HTTP/1.1 404"), "{answer}");
}

#[test]
fn few_files_make_few_connections_and_no_errors() {
    let folder = tempfile::tempdir().unwrap();
    let (sites, data) = (folder.path().join("sites"), folder.path().join("data"));
    write_site(&sites);
    let server = Process::serve_with_few_files(&sites, &data, 200);
    let address: SocketAddr = server.url["http://".len()..].parse().unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let page = runtime.block_on(async {
        let _held = flood("127.0.0.1", address, 400, "POST /v1/verify HTTP/1.1\r\n").await;
        assert!(is_healthy(TcpStream::connect(address).await.unwrap()).await);
        let url = server.url.clone();
        let page = tokio::task::spawn_blocking(move || {
            let page = Page::open(&url);
            page.send(&page.record(1))
        });
        page.await.unwrap()
    });
    assert_eq!(page, Some(201));
    server.signal("-TERM");
    let said = server.rest();
    assert!(!said.contains("no connection can be taken"), "{said}");
    assert!(!said.contains("ERROR"), "{said}");
}
