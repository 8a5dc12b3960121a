-- When a sensor was given the certificate that it uses; and one that it was given and has not used yet:
-- once it is used it takes the other's place.
ALTER TABLE sensors ADD COLUMN certified INTEGER;
ALTER TABLE sensors ADD COLUMN next_certificate TEXT;
ALTER TABLE sensors ADD COLUMN next_certified INTEGER;
CREATE UNIQUE INDEX sensors_next ON sensors (next_certificate);
