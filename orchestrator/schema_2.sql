-- What is known of each host of the settings beside its runs: the identity that its key had when the
-- settings were last read, by which claims follow a key that was renamed, and whether it is paused.
CREATE TABLE hosts (
    server  TEXT    NOT NULL,
    host    TEXT    NOT NULL,
    host_id INTEGER,
    paused  INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (server, host)
) STRICT;
