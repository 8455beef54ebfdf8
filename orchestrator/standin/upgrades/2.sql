-- From version 1 to 2: history outlives tests, ids of users never come back, items of sets can be
-- left out, lists have indexes and totals. Run with foreign keys off, as tables are made again.

CREATE TABLE new_users (
  id             INTEGER PRIMARY KEY AUTOINCREMENT,
  email          TEXT NOT NULL UNIQUE,
  password_hash  TEXT NOT NULL,
  may_read_hosts INTEGER NOT NULL
) STRICT;
INSERT INTO new_users SELECT id, email, password_hash, may_read_hosts FROM users;
DROP TABLE users;
ALTER TABLE new_users RENAME TO users;

CREATE TABLE new_run_items (
  id              INTEGER PRIMARY KEY AUTOINCREMENT,
  run_id          INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  sequence_number INTEGER NOT NULL,
  stop_on_fail    INTEGER NOT NULL,
  test_id         INTEGER NOT NULL,
  test_name       TEXT NOT NULL,
  status          TEXT NOT NULL,
  date_started    TEXT,
  date_finished   TEXT,
  run_time        INTEGER,
  UNIQUE (run_id, sequence_number)
) STRICT;
INSERT INTO new_run_items SELECT id, run_id, sequence_number, stop_on_fail, test_id, test_name,
  status, date_started, date_finished, run_time FROM run_items;
DELETE FROM sqlite_sequence WHERE name = 'new_run_items';
INSERT INTO sqlite_sequence SELECT 'new_run_items', seq FROM sqlite_sequence
  WHERE name = 'run_items';
DROP TABLE run_items;
ALTER TABLE new_run_items RENAME TO run_items;

ALTER TABLE test_set_items ADD COLUMN is_active INTEGER NOT NULL DEFAULT 1;

CREATE INDEX members ON memberships (dept_id);
CREATE INDEX projects_of_department ON projects (dept_id, id);
CREATE INDEX configurations_of_project ON configurations (project_id, id);
CREATE INDEX releases_of_project ON releases (project_id, id);
CREATE INDEX sets_of_project ON test_sets (project_id, id);
CREATE INDEX sets_of_test ON test_set_items (test_id);
DROP INDEX runs_pending;
CREATE INDEX runs_pending ON runs (host_id, is_pending, id);
CREATE INDEX runs_of_host ON runs (host_id, id);
CREATE INDEX runs_of_status ON runs (project_id, status, id);
CREATE INDEX runs_of_project_on_host ON runs (project_id, host_id, id);
CREATE INDEX runs_of_user ON runs (run_by_user_id);

CREATE TABLE run_counts (
  project_id INTEGER NOT NULL,
  host_id    INTEGER NOT NULL,
  status     TEXT NOT NULL,
  runs       INTEGER NOT NULL,
  PRIMARY KEY (project_id, host_id, status)
) STRICT, WITHOUT ROWID;
INSERT INTO run_counts SELECT project_id, host_id, status, count(*) FROM runs
  GROUP BY project_id, host_id, status;
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
