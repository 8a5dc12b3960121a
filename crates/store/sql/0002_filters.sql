-- A log filtered by domain or outcome alone, also when nothing is found.
CREATE INDEX activities_domain ON activities (domain_folded, time, id);
CREATE INDEX activities_outcome ON activities (outcome, time, id);
