-- Which sensor sees which domain controller, by protocol.
CREATE TABLE coverage (
    sensor INTEGER NOT NULL,
    address TEXT NOT NULL,
    protocol TEXT NOT NULL,
    first_seen INTEGER NOT NULL,
    last_seen INTEGER NOT NULL,
    events INTEGER NOT NULL,
    PRIMARY KEY (sensor, address, protocol)
) WITHOUT ROWID;

-- How big the database was, every hour.
CREATE TABLE sizes (
    time INTEGER PRIMARY KEY,
    octets INTEGER NOT NULL
);
