-- A certificate that a sensor was given and has not used yet; once it is used it takes the other's place.
ALTER TABLE sensors ADD COLUMN next_certificate TEXT;
CREATE UNIQUE INDEX sensors_next ON sensors (next_certificate);
