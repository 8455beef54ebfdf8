-- The stand-in's database, version 2 of its form: whoever changes it writes upgrades/N.sql too.
-- Dates are UTC text with seven fraction digits, so they sort as text.
-- AUTOINCREMENT where an id must never come back: an agent remembers run ids of deleted runs.

CREATE TABLE departments (
  id           INTEGER PRIMARY KEY,
  name         TEXT NOT NULL,
  company      TEXT NOT NULL,
  date_created TEXT NOT NULL
) STRICT;

CREATE TABLE users (
  id             INTEGER PRIMARY KEY AUTOINCREMENT,
  email          TEXT NOT NULL UNIQUE,  -- folded
  password_hash  TEXT NOT NULL,
  may_read_hosts INTEGER NOT NULL       -- Read on Test Hosts, of the user's security group
) STRICT;

CREATE TABLE memberships (
  user_id INTEGER NOT NULL REFERENCES users (id),
  dept_id INTEGER NOT NULL REFERENCES departments (id),
  PRIMARY KEY (user_id, dept_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX members ON memberships (dept_id);

CREATE TABLE projects (
  id      INTEGER PRIMARY KEY,
  dept_id INTEGER NOT NULL REFERENCES departments (id),
  name    TEXT NOT NULL
) STRICT;
CREATE INDEX projects_of_department ON projects (dept_id, id);

CREATE TABLE configurations (
  id         INTEGER PRIMARY KEY,
  project_id INTEGER NOT NULL REFERENCES projects (id),
  name       TEXT NOT NULL
) STRICT;
CREATE INDEX configurations_of_project ON configurations (project_id, id);

CREATE TABLE releases (
  id         INTEGER PRIMARY KEY,
  project_id INTEGER NOT NULL REFERENCES projects (id),
  name       TEXT NOT NULL
) STRICT;
CREATE INDEX releases_of_project ON releases (project_id, id);

-- The token is kept readable: the API hands it out again (GET /hosts?name=), a hash could not.
CREATE TABLE hosts (
  id                 INTEGER PRIMARY KEY AUTOINCREMENT,
  dept_id            INTEGER NOT NULL REFERENCES departments (id),
  host_name          TEXT NOT NULL,
  name_key           TEXT NOT NULL,  -- folded: Windows host names have no case
  host_configuration TEXT NOT NULL,
  agents             TEXT NOT NULL,  -- JSON array of long names
  os                 TEXT,
  is_active          INTEGER NOT NULL,
  security_token     TEXT NOT NULL,
  agent_version      TEXT,
  UNIQUE (dept_id, name_key)
) STRICT;

CREATE TABLE tests (
  id           INTEGER PRIMARY KEY AUTOINCREMENT,
  project_id   INTEGER NOT NULL REFERENCES projects (id),
  title        TEXT NOT NULL,
  date_created TEXT NOT NULL
) STRICT;
CREATE INDEX tests_of_project ON tests (project_id, id);

CREATE TABLE test_steps (
  test_id         INTEGER NOT NULL REFERENCES tests (id),
  position        INTEGER NOT NULL,
  step            TEXT,
  expected_result TEXT,
  PRIMARY KEY (test_id, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE automations (
  id          INTEGER PRIMARY KEY,
  test_id     INTEGER NOT NULL REFERENCES tests (id),
  agent       TEXT NOT NULL,   -- long name; one automation per agent and test
  title       TEXT,
  entry_point TEXT,
  timeout     INTEGER,         -- seconds
  run_mode    INTEGER NOT NULL,
  params      TEXT NOT NULL,   -- JSON object
  stored_name TEXT,            -- attached zip: its name in the folder of files
  file_name   TEXT,            -- attached zip: the name it was given
  link        TEXT,            -- or a URL, a UNC path, a local path
  comment     TEXT,
  UNIQUE (test_id, agent)
) STRICT;

CREATE TABLE test_sets (
  id            INTEGER PRIMARY KEY AUTOINCREMENT,
  project_id    INTEGER NOT NULL REFERENCES projects (id),
  name          TEXT NOT NULL,
  is_sequential INTEGER NOT NULL
) STRICT;
CREATE INDEX sets_of_project ON test_sets (project_id, id);

CREATE TABLE test_set_items (
  test_set_id     INTEGER NOT NULL REFERENCES test_sets (id),
  sequence_number INTEGER NOT NULL,
  test_id         INTEGER NOT NULL REFERENCES tests (id),
  stop_on_fail    INTEGER NOT NULL,
  is_active       INTEGER NOT NULL DEFAULT 1,  -- 0: left out of runs, which then have a gap
  PRIMARY KEY (test_set_id, sequence_number)
) STRICT, WITHOUT ROWID;
CREATE INDEX sets_of_test ON test_set_items (test_id);

-- Names are frozen when the run is made; status and times are derived from the items in the
-- transaction that changes them, so that lists need not look at items.
CREATE TABLE runs (
  id                 INTEGER PRIMARY KEY AUTOINCREMENT,
  project_id         INTEGER NOT NULL REFERENCES projects (id),
  host_id            INTEGER NOT NULL REFERENCES hosts (id),
  run_by_user_id     INTEGER NOT NULL REFERENCES users (id),
  test_set_id        INTEGER NOT NULL,  -- 0: a single test
  test_set_name      TEXT,
  test_config_id     INTEGER,
  configuration_name TEXT,
  release_id         INTEGER,
  release_name       TEXT,
  is_sequential      INTEGER NOT NULL,
  status             TEXT NOT NULL,
  is_pending         INTEGER NOT NULL,  -- some item still awaits its run
  date_created       TEXT NOT NULL,
  date_started       TEXT,
  date_finished      TEXT,
  run_time           INTEGER            -- seconds
) STRICT;
-- Not a partial index: SQLite would rather take runs_of_host, and read a host's whole history.
CREATE INDEX runs_pending ON runs (host_id, is_pending, id);
CREATE INDEX runs_of_project ON runs (project_id, id);
CREATE INDEX runs_of_host ON runs (host_id, id);
CREATE INDEX runs_of_status ON runs (project_id, status, id);
CREATE INDEX runs_of_project_on_host ON runs (project_id, host_id, id);
CREATE INDEX runs_of_user ON runs (run_by_user_id);

-- Counting rows takes longer the more there are, so lists take their totals from here.
CREATE TABLE run_counts (
  project_id INTEGER NOT NULL,
  host_id    INTEGER NOT NULL,
  status     TEXT NOT NULL,
  runs       INTEGER NOT NULL,
  PRIMARY KEY (project_id, host_id, status)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER run_made AFTER INSERT ON runs BEGIN
  INSERT INTO run_counts VALUES (new.project_id, new.host_id, new.status, 1)
    ON CONFLICT DO UPDATE SET runs = runs + 1;
END;
CREATE TRIGGER run_changed AFTER UPDATE OF status ON runs WHEN old.status <> new.status BEGIN
  UPDATE run_counts SET runs = runs - 1 WHERE project_id = old.project_id
    AND host_id = old.host_id AND status = old.status;
  INSERT INTO run_counts VALUES (new.project_id, new.host_id, new.status, 1)
    ON CONFLICT DO UPDATE SET runs = runs + 1;
END;
CREATE TRIGGER run_removed AFTER DELETE ON runs BEGIN
  UPDATE run_counts SET runs = runs - 1 WHERE project_id = old.project_id
    AND host_id = old.host_id AND status = old.status;
END;

CREATE TABLE run_items (
  id              INTEGER PRIMARY KEY AUTOINCREMENT,
  run_id          INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  sequence_number INTEGER NOT NULL,
  stop_on_fail    INTEGER NOT NULL,
  test_id         INTEGER NOT NULL,  -- the test itself may be gone from the library
  test_name       TEXT NOT NULL,
  status          TEXT NOT NULL,
  date_started    TEXT,
  date_finished   TEXT,
  run_time        INTEGER,
  UNIQUE (run_id, sequence_number)
) STRICT;

CREATE TABLE run_steps (
  item_id         INTEGER NOT NULL REFERENCES run_items (id) ON DELETE CASCADE,
  position        INTEGER NOT NULL,
  status          TEXT NOT NULL,
  step            TEXT,
  expected_result TEXT,
  actual_result   TEXT,
  PRIMARY KEY (item_id, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE uploads (
  item_id     INTEGER NOT NULL REFERENCES run_items (id) ON DELETE CASCADE,
  kind        TEXT NOT NULL CHECK (kind IN ('log', 'report')),
  file_name   TEXT NOT NULL,  -- as the agent named it
  stored_name TEXT NOT NULL,
  PRIMARY KEY (item_id, kind)
) STRICT, WITHOUT ROWID;
