-- Alerts that tell one story carry the number of the first of them. Those that are there already stand
-- alone until they change.
ALTER TABLE alerts ADD COLUMN incident INTEGER NOT NULL DEFAULT 0;
UPDATE alerts SET incident = id;
CREATE INDEX alerts_incident ON alerts (incident, end_time, id);

-- Who took part, by role: what belongs together. By detector: what is similar.
ALTER TABLE alert_accounts ADD COLUMN detector TEXT NOT NULL DEFAULT '';
ALTER TABLE alert_hosts ADD COLUMN detector TEXT NOT NULL DEFAULT '';
UPDATE alert_accounts SET detector = (SELECT detector FROM alerts WHERE id = alert);
UPDATE alert_hosts SET detector = (SELECT detector FROM alerts WHERE id = alert);
DROP INDEX alert_accounts_account;
DROP INDEX alert_hosts_address;
CREATE INDEX alert_accounts_account ON alert_accounts (account, role, alert);
CREATE INDEX alert_hosts_address ON alert_hosts (address, role, alert);
CREATE INDEX alert_accounts_similar ON alert_accounts (detector, account, alert);
CREATE INDEX alert_hosts_similar ON alert_hosts (detector, address, role, alert);
