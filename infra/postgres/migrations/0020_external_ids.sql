-- An id of the identity provider is that of one living person: by it credentials are told whose they are.
CREATE UNIQUE INDEX people_living_external_id ON people (external_id) WHERE deleted_at IS NULL;
