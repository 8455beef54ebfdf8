-- What labfleet has taken, and what it still owes. One row of assignments is one item of one run
-- of one server, for ever: the unique key is what makes a run impossible to take twice.
CREATE TABLE assignments (
    id           INTEGER PRIMARY KEY,
    server       TEXT    NOT NULL,
    run_id       INTEGER NOT NULL,
    item         INTEGER NOT NULL,
    host         TEXT    NOT NULL,
    document     TEXT    NOT NULL CHECK (json_valid(document)),
    state        TEXT    NOT NULL DEFAULT 'claimed'
                 CHECK (state IN ('claimed', 'started', 'finished', 'delivered', 'stopped')),
    attempt      INTEGER NOT NULL DEFAULT 0,
    mark         TEXT    NOT NULL,            -- random, in the names of its attempts' folders
    tool         TEXT    NOT NULL DEFAULT '',
    verdict      TEXT    NOT NULL DEFAULT '',
    reason       TEXT    NOT NULL DEFAULT '',
    stops_run    INTEGER NOT NULL DEFAULT 0,  -- 1 when its failure ended the rest of the run
    repeats      INTEGER NOT NULL DEFAULT 0,  -- how often its result was owed anew
    claimed_at   REAL    NOT NULL,            -- Unix seconds, like every *_at
    listed_at    REAL    NOT NULL,            -- when a poll last brought it, to the hour
    started_at   REAL,
    finished_at  REAL,
    delivered_at REAL,                        -- when the server took the result
    UNIQUE (server, run_id, item)
) STRICT;

CREATE INDEX assignments_open ON assignments (state) WHERE state IN ('claimed', 'started');

-- What is owed to the server: first the result, then the log, then the report of an assignment.
-- Ids only grow, so that what came since the last look is what has a greater one.
CREATE TABLE outbox (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    assignment_id INTEGER NOT NULL REFERENCES assignments (id) ON DELETE CASCADE,
    kind          TEXT    NOT NULL CHECK (kind IN ('result', 'log', 'report')),
    body          TEXT    NOT NULL,           -- the result's JSON, or the name of the file
    state         TEXT    NOT NULL DEFAULT 'owed' CHECK (state IN ('owed', 'done', 'dead', 'dropped')),
    tries         INTEGER NOT NULL DEFAULT 0,
    owed_at       REAL    NOT NULL,
    error         TEXT    NOT NULL DEFAULT '',
    UNIQUE (assignment_id, kind)
) STRICT;

CREATE INDEX outbox_owed ON outbox (state) WHERE state = 'owed';

-- Identities made by `labfleet register`: the file's own tokens never come here.
CREATE TABLE credentials (
    server  TEXT    NOT NULL,
    host    TEXT    NOT NULL,
    host_id INTEGER NOT NULL,
    token   TEXT    NOT NULL,
    PRIMARY KEY (server, host)
) STRICT;
