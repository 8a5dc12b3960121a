-- What came in, in one order. A body is a batch or a decision: CBOR, compressed.
CREATE TABLE journal (
    position INTEGER PRIMARY KEY,
    sensor INTEGER NOT NULL,
    sequence INTEGER,
    time INTEGER,
    body BLOB NOT NULL,
    UNIQUE (sensor, sequence)
);

-- Numbers of a sensor that were passed over: they may still come.
CREATE TABLE gaps (
    sensor INTEGER NOT NULL,
    first INTEGER NOT NULL,
    last INTEGER NOT NULL,
    PRIMARY KEY (sensor, first)
);

-- How far each sensor has come; survives the journal's retention.
CREATE TABLE progress (
    sensor INTEGER PRIMARY KEY,
    sequence INTEGER NOT NULL,
    batches INTEGER NOT NULL,
    events INTEGER NOT NULL,
    missing INTEGER NOT NULL,
    last_event INTEGER
);

-- One row each: how far the journal was used, and the state to go on from.
CREATE TABLE engine (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    appended INTEGER NOT NULL,
    committed INTEGER NOT NULL
);
INSERT INTO engine (id, appended, committed) VALUES (1, 0, 0);
CREATE TABLE snapshot (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    position INTEGER NOT NULL,
    body BLOB NOT NULL
);
CREATE TABLE documents (
    name TEXT PRIMARY KEY,
    position INTEGER NOT NULL,
    body TEXT NOT NULL
);

CREATE TABLE files (
    number INTEGER PRIMARY KEY,
    sensor INTEGER NOT NULL,
    file INTEGER NOT NULL,
    UNIQUE (sensor, file)
);
CREATE TABLE packets (
    file INTEGER NOT NULL,
    packet INTEGER NOT NULL,
    time INTEGER NOT NULL,
    link_type INTEGER NOT NULL,
    octets_on_wire INTEGER NOT NULL,
    octets BLOB NOT NULL,
    PRIMARY KEY (file, packet)
);
CREATE INDEX packets_time ON packets (time);

CREATE TABLE activities (
    id INTEGER PRIMARY KEY,
    time INTEGER NOT NULL,
    kind TEXT NOT NULL,
    account TEXT NOT NULL,
    account_folded TEXT NOT NULL,
    domain TEXT NOT NULL,
    domain_folded TEXT NOT NULL,
    source_ip TEXT,
    source_name TEXT,
    target_ip TEXT,
    target_name TEXT,
    outcome TEXT NOT NULL,
    detail TEXT NOT NULL,
    event TEXT NOT NULL
);
CREATE INDEX activities_time ON activities (time, id);
CREATE INDEX activities_account ON activities (account_folded, time, id);
CREATE INDEX activities_kind ON activities (kind, time, id);
CREATE INDEX activities_source ON activities (source_ip, time, id);
CREATE INDEX activities_target ON activities (target_ip, time, id);
CREATE VIRTUAL TABLE activities_text USING fts5 (
    detail, content = 'activities', content_rowid = 'id', tokenize = 'unicode61 remove_diacritics 2'
);

CREATE TABLE alerts (
    id INTEGER PRIMARY KEY,
    revision INTEGER NOT NULL,
    detector TEXT NOT NULL,
    severity INTEGER NOT NULL,
    status TEXT NOT NULL,
    outcome TEXT NOT NULL,
    start_time INTEGER NOT NULL,
    end_time INTEGER NOT NULL,
    comment TEXT NOT NULL,
    judged_by TEXT NOT NULL,
    judged_at INTEGER,
    changed_at INTEGER NOT NULL,
    body TEXT NOT NULL
);
CREATE INDEX alerts_end ON alerts (end_time, id);
CREATE INDEX alerts_changed ON alerts (changed_at, id);
CREATE INDEX alerts_status ON alerts (status, end_time, id);
CREATE INDEX alerts_detector ON alerts (detector, end_time, id);
CREATE TABLE alert_accounts (
    alert INTEGER NOT NULL REFERENCES alerts (id) ON DELETE CASCADE,
    account TEXT NOT NULL,
    domain TEXT NOT NULL,
    role TEXT NOT NULL,
    PRIMARY KEY (alert, account, domain, role)
);
CREATE INDEX alert_accounts_account ON alert_accounts (account, alert);
CREATE TABLE alert_hosts (
    alert INTEGER NOT NULL REFERENCES alerts (id) ON DELETE CASCADE,
    address TEXT NOT NULL,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    PRIMARY KEY (alert, address, name, role)
);
CREATE INDEX alert_hosts_address ON alert_hosts (address, alert);
CREATE INDEX alert_hosts_name ON alert_hosts (name, alert);
CREATE TABLE alert_packets (
    file INTEGER NOT NULL,
    packet INTEGER NOT NULL,
    alert INTEGER NOT NULL REFERENCES alerts (id) ON DELETE CASCADE,
    PRIMARY KEY (file, packet, alert)
);
CREATE INDEX alert_packets_alert ON alert_packets (alert);

CREATE TABLE users (
    id INTEGER PRIMARY KEY,
    account TEXT NOT NULL,
    domain TEXT NOT NULL,
    name TEXT NOT NULL,
    domain_name TEXT NOT NULL,
    priority INTEGER NOT NULL DEFAULT 0,
    evidence INTEGER NOT NULL DEFAULT -100000,
    reasons TEXT NOT NULL DEFAULT '[]',
    position INTEGER NOT NULL DEFAULT 0,
    activities INTEGER NOT NULL DEFAULT 0,
    first_seen INTEGER,
    last_seen INTEGER,
    UNIQUE (account, domain)
);
CREATE INDEX users_evidence ON users (evidence, id);
CREATE TABLE priorities (
    account TEXT NOT NULL,
    domain TEXT NOT NULL,
    position INTEGER NOT NULL,
    time INTEGER NOT NULL,
    priority INTEGER NOT NULL,
    evidence INTEGER NOT NULL,
    PRIMARY KEY (account, domain, position)
);
CREATE INDEX priorities_time ON priorities (time);

CREATE TABLE computers (
    id INTEGER PRIMARY KEY,
    address TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    name_folded TEXT NOT NULL,
    is_domain_controller INTEGER NOT NULL,
    first_seen INTEGER NOT NULL,
    last_seen INTEGER NOT NULL,
    last_account TEXT NOT NULL,
    position INTEGER NOT NULL
);
CREATE INDEX computers_seen ON computers (last_seen, id);
CREATE INDEX computers_name ON computers (name_folded);

-- What the search bar finds besides activities.
CREATE TABLE entries (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    title TEXT NOT NULL,
    text TEXT NOT NULL,
    UNIQUE (kind, key)
);
CREATE VIRTUAL TABLE entries_text USING fts5 (
    text, content = 'entries', content_rowid = 'id', tokenize = 'trigram remove_diacritics 1'
);

CREATE TABLE accounts (
    folded TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    password TEXT NOT NULL,
    role TEXT NOT NULL,
    disabled INTEGER NOT NULL
);
CREATE TABLE sessions (
    hash BLOB PRIMARY KEY,
    account TEXT NOT NULL,
    begun INTEGER NOT NULL,
    seen INTEGER NOT NULL,
    address TEXT NOT NULL
);
CREATE INDEX sessions_account ON sessions (account);
CREATE TABLE tokens (
    hash BLOB PRIMARY KEY,
    purpose TEXT NOT NULL,
    subject TEXT NOT NULL,
    expires INTEGER NOT NULL
);

CREATE TABLE sensors (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    certificate TEXT NOT NULL UNIQUE,
    joined INTEGER NOT NULL,
    revoked INTEGER,
    last_seen INTEGER
);
CREATE INDEX sensors_name ON sensors (name);
CREATE TABLE reports (
    sensor INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    time INTEGER NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (sensor, sequence)
);
CREATE INDEX reports_time ON reports (sensor, time);

CREATE TABLE settings (
    name TEXT PRIMARY KEY,
    body TEXT NOT NULL
);
CREATE TABLE exclusions (
    id INTEGER PRIMARY KEY,
    rule TEXT NOT NULL,
    owner TEXT NOT NULL,
    reason TEXT NOT NULL,
    added_by TEXT NOT NULL,
    added_at INTEGER NOT NULL,
    expires INTEGER,
    removed_by TEXT NOT NULL DEFAULT '',
    removed_at INTEGER,
    hits INTEGER NOT NULL DEFAULT 0,
    position INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE tags (
    account TEXT NOT NULL,
    tag TEXT NOT NULL,
    name TEXT NOT NULL,
    set_by TEXT NOT NULL,
    set_at INTEGER NOT NULL,
    PRIMARY KEY (account, tag)
);
CREATE TABLE controllers (
    address TEXT PRIMARY KEY,
    set_by TEXT NOT NULL,
    set_at INTEGER NOT NULL
);
CREATE TABLE judgements (
    position INTEGER PRIMARY KEY,
    alert INTEGER NOT NULL,
    time INTEGER NOT NULL,
    judged_by TEXT NOT NULL,
    status TEXT NOT NULL,
    comment TEXT NOT NULL
);
CREATE INDEX judgements_alert ON judgements (alert, position);

CREATE TABLE outputs (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    target TEXT NOT NULL,
    options TEXT NOT NULL,
    disabled INTEGER NOT NULL
);
CREATE TABLE outbox (
    id INTEGER PRIMARY KEY,
    output INTEGER NOT NULL REFERENCES outputs (id) ON DELETE CASCADE,
    alert INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    is_new INTEGER NOT NULL,
    due INTEGER NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0,
    error TEXT NOT NULL DEFAULT '',
    sent INTEGER,
    time INTEGER NOT NULL,
    UNIQUE (output, alert, revision)
);
CREATE INDEX outbox_due ON outbox (due, id) WHERE sent IS NULL;

-- Append only: each row carries the hash of all before it.
CREATE TABLE audit (
    id INTEGER PRIMARY KEY,
    time INTEGER NOT NULL,
    who TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    detail TEXT NOT NULL,
    address TEXT NOT NULL,
    hash BLOB NOT NULL
);
CREATE TABLE audit_head (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    length INTEGER NOT NULL,
    hash BLOB NOT NULL
);
INSERT INTO audit_head (id, length, hash)
VALUES (1, 0, x'0000000000000000000000000000000000000000000000000000000000000000');
CREATE TRIGGER audit_keeps BEFORE DELETE ON audit
BEGIN SELECT RAISE (ABORT, 'the audit log only grows'); END;
CREATE TRIGGER audit_stays BEFORE UPDATE ON audit
BEGIN SELECT RAISE (ABORT, 'the audit log only grows'); END;
