-- A document that came out of another one, as a mail's attachment: parent_id is the outermost file, whose label, owner
-- and managers it has. parts_pending: the file was stored and what came out of it perhaps not yet, or not all of it.
SET CONSTRAINTS ALL IMMEDIATE;  -- what earlier migrations of this transaction did to documents is settled first
ALTER TABLE documents ADD COLUMN parent_id uuid REFERENCES documents ON DELETE CASCADE;
ALTER TABLE documents ADD COLUMN parts_pending boolean NOT NULL DEFAULT false;
CREATE INDEX documents_parent ON documents (parent_id) WHERE parent_id IS NOT NULL;
