--
-- PostgreSQL database dump
--


-- Dumped from database version 18.4
-- Dumped by pg_dump version 18.4

SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET transaction_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

SET default_tablespace = '';

SET default_table_access_method = heap;

--
-- Name: access_labels; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.access_labels (
    id text NOT NULL,
    principals text[] NOT NULL,
    number integer NOT NULL
);

ALTER TABLE ONLY public.access_labels FORCE ROW LEVEL SECURITY;


--
-- Name: adapter_changes; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.adapter_changes (
    number bigint NOT NULL,
    at timestamp with time zone DEFAULT now() NOT NULL,
    action text NOT NULL,
    name text NOT NULL,
    previous text,
    evidence jsonb NOT NULL,
    CONSTRAINT adapter_changes_action_check CHECK ((action = ANY (ARRAY['add'::text, 'promote'::text, 'rollback'::text])))
);


--
-- Name: adapter_changes_number_seq; Type: SEQUENCE; Schema: public; Owner: -
--

ALTER TABLE public.adapter_changes ALTER COLUMN number ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.adapter_changes_number_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


--
-- Name: adapters; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.adapters (
    name text NOT NULL,
    base text NOT NULL,
    base_sha256 text NOT NULL,
    gguf_sha256 text NOT NULL,
    peft_sha256 text NOT NULL,
    prompt_sha256 text NOT NULL,
    data_sha256 text NOT NULL,
    config jsonb NOT NULL,
    metrics jsonb,
    status text DEFAULT 'candidate'::text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    promoted_at timestamp with time zone,
    CONSTRAINT adapters_name_check CHECK ((name ~ '^[a-z0-9][a-z0-9._-]{0,63}$'::text)),
    CONSTRAINT adapters_status_check CHECK ((status = ANY (ARRAY['candidate'::text, 'current'::text, 'retired'::text])))
);


--
-- Name: api_keys; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.api_keys (
    id text NOT NULL,
    hash bytea NOT NULL,
    user_name text NOT NULL,
    groups text[] NOT NULL,
    scopes text[] NOT NULL,
    label text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    revoked_at timestamp with time zone
);


--
-- Name: audit; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.audit (
    seq bigint NOT NULL,
    id uuid NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    principal text NOT NULL,
    prev_hash bytea NOT NULL,
    record text NOT NULL,
    hash bytea NOT NULL
);


--
-- Name: catalog_generation; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.catalog_generation (
    single boolean DEFAULT true NOT NULL,
    generation bigint NOT NULL,
    embedder text,
    CONSTRAINT catalog_generation_single_check CHECK (single)
);


--
-- Name: chunks; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.chunks (
    id text NOT NULL,
    document_id uuid NOT NULL,
    ordinal integer NOT NULL,
    start_offset integer NOT NULL,
    end_offset integer NOT NULL,
    text text NOT NULL,
    title text NOT NULL,
    section_path text[] NOT NULL,
    page integer,
    table_header text NOT NULL,
    embedding bytea NOT NULL,
    reading text NOT NULL,
    summary text DEFAULT ''::text NOT NULL,
    parent integer[],
    CONSTRAINT chunks_parent_check CHECK ((cardinality(parent) = 2))
);
ALTER TABLE ONLY public.chunks ALTER COLUMN embedding SET STORAGE EXTERNAL;

ALTER TABLE ONLY public.chunks FORCE ROW LEVEL SECURITY;


--
-- Name: documents; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.documents (
    id uuid NOT NULL,
    source text NOT NULL,
    label_id text NOT NULL,
    current_version integer NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    generation bigint NOT NULL,
    owner text,
    managers text[] DEFAULT '{}'::text[] NOT NULL,
    deleted_at timestamp with time zone,
    parent_id uuid,
    parts_pending boolean DEFAULT false NOT NULL,
    facts_changed bigint
);

ALTER TABLE ONLY public.documents FORCE ROW LEVEL SECURITY;


--
-- Name: facts; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.facts (
    id bigint NOT NULL,
    document_id uuid NOT NULL,
    version integer,
    kind text NOT NULL,
    value text,
    role text DEFAULT ''::text NOT NULL,
    term text DEFAULT ''::text NOT NULL,
    start_offset integer,
    end_offset integer,
    replaces text DEFAULT ''::text NOT NULL,
    set_by text,
    set_at timestamp with time zone,
    CONSTRAINT facts_check CHECK (((set_by IS NULL) = (set_at IS NULL))),
    CONSTRAINT facts_check1 CHECK ((((start_offset IS NULL) = (end_offset IS NULL)) AND ((start_offset IS NULL) OR (version IS NOT NULL)))),
    CONSTRAINT facts_check2 CHECK (((set_by IS NOT NULL) OR ((value IS NOT NULL) AND (start_offset IS NOT NULL))))
);

ALTER TABLE ONLY public.facts FORCE ROW LEVEL SECURITY;


--
-- Name: facts_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

ALTER TABLE public.facts ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.facts_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


--
-- Name: installation; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.installation (
    single boolean DEFAULT true NOT NULL,
    demo boolean NOT NULL,
    CONSTRAINT installation_single_check CHECK (single)
);


--
-- Name: retired_documents; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.retired_documents (
    document_id uuid NOT NULL,
    last_version integer NOT NULL,
    deleted_at timestamp with time zone DEFAULT now() NOT NULL,
    generation bigint NOT NULL
);


--
-- Name: schema_migrations; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.schema_migrations (
    name text NOT NULL,
    sha256 text NOT NULL,
    applied_at timestamp with time zone DEFAULT now() NOT NULL
);


--
-- Name: segments; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.segments (
    name text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    rows bigint NOT NULL
);


--
-- Name: versions; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.versions (
    document_id uuid NOT NULL,
    version integer NOT NULL,
    content_sha256 text NOT NULL,
    media_type text NOT NULL,
    bytes bigint NOT NULL,
    page_count integer,
    title text NOT NULL,
    document_date text,
    text text NOT NULL,
    layout jsonb NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    label_id text NOT NULL,
    index_key bytea,
    effective date NOT NULL,
    names jsonb,
    name_rules integer DEFAULT 0 NOT NULL,
    warnings jsonb DEFAULT '[]'::jsonb NOT NULL,
    pages jsonb DEFAULT '{}'::jsonb NOT NULL,
    parser_rules integer DEFAULT 0 NOT NULL,
    corrects integer,
    reading text NOT NULL,
    chunking text DEFAULT 'structure'::text NOT NULL,
    language text,
    language_set boolean DEFAULT false NOT NULL,
    CONSTRAINT versions_index_key_check CHECK ((octet_length(index_key) = 32)),
    CONSTRAINT versions_version_check CHECK ((version > 0))
);
ALTER TABLE ONLY public.versions ALTER COLUMN text SET STORAGE EXTERNAL;

ALTER TABLE ONLY public.versions FORCE ROW LEVEL SECURITY;


--
-- Data for Name: access_labels; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.access_labels VALUES
	('95db158f23789306eec203e7ca57ecde', '{group:legal}', 1);


--
-- Data for Name: adapter_changes; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: adapters; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: api_keys; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.api_keys VALUES
	('048e6a383b6a', '\x5d8e956ae9ccf26a4179674067033d11ddcf717c6c107b59974de961bfdd5ced', 'ana', '{legal}', '{read}', '', '2026-11-30 06:10:56.857821+00', NULL);


--
-- Data for Name: audit; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.audit VALUES
	(1, '47215ef2-98e5-439b-9048-c04274b2d906', '2026-11-30 06:09:41.78206+00', 'operator', '\x0000000000000000000000000000000000000000000000000000000000000000', '{"action":"ingest","chunking":"structure","content_sha256":"d4b6037d7a6667deb32bba619bd90b89c8f97f2be60a56b3f2252ea44df87e35","document_id":"a1d81523-f9d0-5666-8bdd-fca87edcbe1a","kind":"change","label":["group:legal"],"principal":"operator","source":"/tmp/tmp5dervusc/files/gone.txt","version":1}', '\x82abf08c1205b5417dcf63892a45fa09655d2f84003b33519a45ab59c4f7675c'),
	(2, '1fd295db-1abe-4a40-a302-68fbe4e82556', '2026-11-30 06:09:41.977274+00', 'operator', '\x82abf08c1205b5417dcf63892a45fa09655d2f84003b33519a45ab59c4f7675c', '{"action":"ingest","chunking":"structure","content_sha256":"50ccf10f33885e9a3fa8730fa45b5657e96c9ba986c65b3aca90ba91dd0bbc12","document_id":"5bc3c278-beb5-555b-a6aa-d2f8a4ef868b","kind":"change","label":["group:legal"],"principal":"operator","source":"/tmp/tmp5dervusc/files/lease.txt","version":1}', '\x3125282216a2a635abebc8a6065ce9383d2b16b010652409ec6851efcad4de66'),
	(3, '40cf9c41-c2cb-4e64-8faa-9a3943667351', '2026-11-30 06:09:42.493962+00', 'operator', '\x3125282216a2a635abebc8a6065ce9383d2b16b010652409ec6851efcad4de66', '{"action":"ingest","chunking":"structure","content_sha256":"5157aef8e7f72d59031e0864715c7c7d2010cc3fadad704d1ee6f19c75c83e61","document_id":"83360d58-ea8e-5a82-9c4d-09a1f05c21c6","kind":"change","label":["group:legal"],"principal":"operator","source":"/tmp/tmp5dervusc/files/notice.md","version":1}', '\x7fc15c0e1e3f02cb167ee4802ce2c9518cac2c24a496f00dcb58aa87e4d28a48'),
	(4, 'c390c5e2-a5ab-4bfc-a834-224a08f5f846', '2026-11-30 06:09:46.719879+00', 'operator', '\x7fc15c0e1e3f02cb167ee4802ce2c9518cac2c24a496f00dcb58aa87e4d28a48', '{"action":"ingest","chunking":"structure","content_sha256":"15a2f58972033f16561ccbac75c184b3ee671f7e859e7c13d9e85587e531f83f","document_id":"5bc3c278-beb5-555b-a6aa-d2f8a4ef868b","kind":"change","label":["group:legal"],"principal":"operator","source":"/tmp/tmp5dervusc/files/lease.txt","version":2}', '\xaa70c1d6dda7f60f4502eb792fa4574341020fa2c01ce3950e95281623bb5874'),
	(5, '92b05034-aa28-485a-977c-eb7b6c4c1d4d', '2026-11-30 06:10:11.28803+00', 'user:ana', '\xaa70c1d6dda7f60f4502eb792fa4574341020fa2c01ce3950e95281623bb5874', '{"as_of":null,"groups":["legal"],"kind":"opened","model":{"adapter":"","embedder":"bge-small-en-v1.5@5e8474bf403e","generator":"Qwen2.5-Coder-1.5B-Instruct@ea82640d0520","judge":"footnote-judge-small@a807f4c8d552@0.875309/0.514903/0.809982 pooled@0.0003/0.227/-0.0186/1.2272/0.575503/0.834673/0.873919 Qwen2.5-Coder-1.5B-Instruct:reader@8818108df395:0d461d1bbe1e","prompt":"answer@e7a9921813f1","reranker":"ms-marco-MiniLM-L-12-v2@c1b1fe59ba43","snapshot":""},"principal":"user:ana","question":"What is the rent of Unit 7?","recipe":{"answer":{"max_sentences":5,"max_tokens":160,"passages_searched":8,"quote_from":0.5},"context":{"budget_chars":2400,"passage_chars":1200,"passages":8,"shown_chars":2000,"widen_below":400},"engine":"openvino 2026.4.1.0 threads=2 kv_cache_precision=u8 dynamic_quantization_group_size=32 read=f32 write=f32","footnote":"0.1.0","gate":{"conflict":0.809982,"grey":0.514903,"judge_threshold":0.8,"pooled":{"alone":0.873919,"answers":0.834673,"bias":0.0003,"contradicted":-0.0186,"entailed":0.227,"said":1.2272,"ship":0.575503},"relevance":[-4.5,0.0],"relevance_threshold":0.25,"ship":0.875309},"models":{"embedder":"bge-small-en-v1.5@5e8474bf403e","generator":"Qwen2.5-Coder-1.5B-Instruct@ea82640d0520","judge":"footnote-judge-small@a807f4c8d552","reranker":"ms-marco-MiniLM-L-12-v2@c1b1fe59ba43","selector":"footnote-selector-small@81e130a6960e"},"prompts":{"answer":"e7a9921813f1e07a33307d1498194e50a4400b3178645691237899522b204d6c","cited":"fccf7cde3428615cc1d495e627875ccef82cd9b1084459b787a2fe9830a05c85","hyde":"37f20422d6c7c4a59dd2fc7515f5dae14f2c6450af33e5f756466fc9fc05facc","judge":"034960d46950f1068206b9bad502c670d5d8e3ea8c88f8f94ad9e7d719e4bbb8","reader":"8818108df3959c197a6257ef0d1b00c8cb20aba32dfcad82a43d905697de7dd0","relevance":"4a4e47362adb3416b9c101e8a806dcc3fd2ff9fa0baee3088ac9cc89e1ed7db3"},"search":{"across":false,"candidates":100,"collapse":true,"dense_weight":0.65,"fusion":"min_max","hyde":"off","index_device":"cpu","rerank":10,"rerank_weight":0.4,"understand":true},"server":{"context_tokens":4096},"tiers":null}}', '\x12aac4dbad960fec4c0a77bd5c88d4bb6dad8b7e25e455a5666f329bc15ebb36'),
	(6, '564d0cbe-b7da-470e-aa26-ed411fba8b46', '2026-11-30 06:10:29.845415+00', 'user:ana', '\x12aac4dbad960fec4c0a77bd5c88d4bb6dad8b7e25e455a5666f329bc15ebb36', '{"answer_id":"92b05034-aa28-485a-977c-eb7b6c4c1d4d","citations":[{"bates":"","boxes":[],"cell":"","confidence":null,"content_sha256":"15a2f58972033f16561ccbac75c184b3ee671f7e859e7c13d9e85587e531f83f","document_id":"5bc3c278-beb5-555b-a6aa-d2f8a4ef868b","end":42,"id":1,"page":null,"page_label":"","quote":"The rent of Unit 7 is 500 euros per month.","section_path":[],"source":"/tmp/tmp5dervusc/files/lease.txt","start":0,"title":"lease","version":2,"warnings":[]}],"kind":"sentence","principal":"user:ana","sentences":[{"cautions":[],"citations":[1],"end":42,"note":"quoted","part":0,"start":0,"support":1.0,"text":"The rent of Unit 7 is 500 euros per month.","verdict":"entailed"}]}', '\x4b30b087f392739ccbec54a9ebb92687ada344baacf628c9784bf075681937b6'),
	(7, '51dbad36-6fa5-4124-afaa-b758369c9fe6', '2026-11-30 06:10:47.514642+00', 'user:ana', '\x4b30b087f392739ccbec54a9ebb92687ada344baacf628c9784bf075681937b6', '{"answer":{"abstention":null,"answer":"The rent of Unit 7 is 500 euros per month.","assumed":[],"audit_id":"","cautions":[],"citations":[{"bates":"","boxes":[],"cell":"","confidence":null,"content_sha256":"15a2f58972033f16561ccbac75c184b3ee671f7e859e7c13d9e85587e531f83f","document_id":"5bc3c278-beb5-555b-a6aa-d2f8a4ef868b","end":42,"id":1,"page":null,"page_label":"","quote":"The rent of Unit 7 is 500 euros per month.","section_path":[],"source":"/tmp/tmp5dervusc/files/lease.txt","start":0,"title":"lease","version":2,"warnings":[]}],"explanation":"","left_aside":[],"model":{"adapter":"","embedder":"bge-small-en-v1.5@5e8474bf403e","generator":"Qwen2.5-Coder-1.5B-Instruct@ea82640d0520","judge":"footnote-judge-small@a807f4c8d552@0.875309/0.514903/0.809982 pooled@0.0003/0.227/-0.0186/1.2272/0.575503/0.834673/0.873919 Qwen2.5-Coder-1.5B-Instruct:reader@8818108df395:0d461d1bbe1e","prompt":"answer@e7a9921813f1","reranker":"ms-marco-MiniLM-L-12-v2@c1b1fe59ba43","snapshot":"c016e0e75823266ed88ead0cdc0acd80f37381920d16d2575a0a026cead5a13f"},"parts":[],"sentences":[{"cautions":[],"citations":[1],"end":42,"note":"quoted","part":0,"start":0,"support":1.0,"text":"The rent of Unit 7 is 500 euros per month.","verdict":"entailed"}],"status":"answered","timings_ms":{"context":8071.3,"first_sentence":18560.5,"first_token":32330.6,"search":7943.9,"search.index":7695.09,"search.names":3.27,"search.read":7.02,"search.rerank":188.84,"search.view":39.95,"total":36212.3,"written":36212.2},"usage":{"completion_tokens":9,"prompt_tokens":476},"why":"","withheld":0},"answer_id":"92b05034-aa28-485a-977c-eb7b6c4c1d4d","as_of":null,"context":[{"content_sha256":"15a2f58972033f16561ccbac75c184b3ee671f7e859e7c13d9e85587e531f83f","document_id":"5bc3c278-beb5-555b-a6aa-d2f8a4ef868b","end":76,"marker":1,"part":0,"start":0,"version":2},{"content_sha256":"5157aef8e7f72d59031e0864715c7c7d2010cc3fadad704d1ee6f19c75c83e61","document_id":"83360d58-ea8e-5a82-9c4d-09a1f05c21c6","end":67,"marker":2,"part":0,"start":0,"version":1},{"content_sha256":"d4b6037d7a6667deb32bba619bd90b89c8f97f2be60a56b3f2252ea44df87e35","document_id":"a1d81523-f9d0-5666-8bdd-fca87edcbe1a","end":44,"marker":3,"part":0,"start":0,"version":1}],"gate":{"conflicts":0,"moved":0,"stages":{"citation":{"caught":0,"checked":1},"figures":{"caught":0,"checked":1},"judge":{"caught":0,"checked":1},"marker":{"caught":0,"checked":2},"relevance":{"caught":0,"checked":2},"second":{"caught":0,"checked":1},"verbatim":{"caught":0,"checked":1}},"withheld":0},"groups":["legal"],"hits":[{"chunk_id":"0234ca627dc8ef56c872a785407a0465","dense":0.8078102375595113,"fused":1.0,"rerank":9.1150484085083,"sparse":8.358596715924838},{"chunk_id":"096e7608cd229200a3e080c2a8c43073","dense":0.4296056347027598,"fused":0.01413484112285861,"rerank":-11.27646255493164,"sparse":4.1588830833596715},{"chunk_id":"a1d243d9771ff9e4da2ace4c7d0a5921","dense":0.4211984088960272,"fused":0.0,"rerank":-11.292402267456055,"sparse":4.1588830833596715}],"kind":"closed","languages":{"passages":{},"question":""},"lead":{"ahead":null,"end":42,"marker":1,"score":9.101365089416504,"start":0},"left_out":["500 euros per month."],"openings":[{"end":42,"judgement":{"reason":"","stage":"verbatim","support":1.0,"verdict":"entailed"},"marker":1,"part":0,"start":0,"text":"The rent of Unit 7 is 500 euros per month."}],"principal":"user:ana","question":"What is the rent of Unit 7?","recipe":{"answer":{"max_sentences":5,"max_tokens":160,"passages_searched":8,"quote_from":0.5},"context":{"budget_chars":2400,"passage_chars":1200,"passages":8,"shown_chars":2000,"widen_below":400},"engine":"openvino 2026.4.1.0 threads=2 kv_cache_precision=u8 dynamic_quantization_group_size=32 read=f32 write=f32","footnote":"0.1.0","gate":{"conflict":0.809982,"grey":0.514903,"judge_threshold":0.8,"pooled":{"alone":0.873919,"answers":0.834673,"bias":0.0003,"contradicted":-0.0186,"entailed":0.227,"said":1.2272,"ship":0.575503},"relevance":[-4.5,0.0],"relevance_threshold":0.25,"ship":0.875309},"models":{"embedder":"bge-small-en-v1.5@5e8474bf403e","generator":"Qwen2.5-Coder-1.5B-Instruct@ea82640d0520","judge":"footnote-judge-small@a807f4c8d552","reranker":"ms-marco-MiniLM-L-12-v2@c1b1fe59ba43","selector":"footnote-selector-small@81e130a6960e"},"prompts":{"answer":"e7a9921813f1e07a33307d1498194e50a4400b3178645691237899522b204d6c","cited":"fccf7cde3428615cc1d495e627875ccef82cd9b1084459b787a2fe9830a05c85","hyde":"37f20422d6c7c4a59dd2fc7515f5dae14f2c6450af33e5f756466fc9fc05facc","judge":"034960d46950f1068206b9bad502c670d5d8e3ea8c88f8f94ad9e7d719e4bbb8","reader":"8818108df3959c197a6257ef0d1b00c8cb20aba32dfcad82a43d905697de7dd0","relevance":"4a4e47362adb3416b9c101e8a806dcc3fd2ff9fa0baee3088ac9cc89e1ed7db3"},"search":{"across":false,"candidates":100,"collapse":true,"dense_weight":0.65,"fusion":"min_max","hyde":"off","index_device":"cpu","rerank":10,"rerank_weight":0.4,"understand":true},"server":{"context_tokens":4096},"tiers":null},"routing":[],"search":{"asked":"What is the rent of Unit 7?","clues":[],"hypothesis":"","named":[],"parts":[]},"withheld":[]}', '\x2c19b824599ce8be2751c2f3c47f0c31ae22fa250d3e2e873264c7be4fec4b48'),
	(8, '565752e7-1dcf-40ee-a436-8dcbb59e52e0', '2026-11-30 06:10:54.947202+00', 'operator', '\x2c19b824599ce8be2751c2f3c47f0c31ae22fa250d3e2e873264c7be4fec4b48', '{"action":"delete","content_sha256":"d4b6037d7a6667deb32bba619bd90b89c8f97f2be60a56b3f2252ea44df87e35","document_id":"a1d81523-f9d0-5666-8bdd-fca87edcbe1a","kind":"change","label":["group:legal"],"principal":"operator","source":"/tmp/tmp5dervusc/files/gone.txt","version":1}', '\xd3f8636ddb3739e40c41f8579039e9d26ee10fd97c0c09594adf257d40dfb6c7'),
	(9, '4b445a64-3ad8-482d-8e7f-d48dce20a413', '2026-11-30 06:10:56.861684+00', 'operator', '\xd3f8636ddb3739e40c41f8579039e9d26ee10fd97c0c09594adf257d40dfb6c7', '{"action":"create_key","groups":["legal"],"key_id":"048e6a383b6a","kind":"change","label":"","principal":"operator","scopes":["read"],"user":"ana"}', '\x6c5d60b3b379f92461c702d7eb6de0e589f8963dda136b7465d08ca935dfc579');


--
-- Data for Name: catalog_generation; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.catalog_generation VALUES
	(true, 5, 'bge-small-en-v1.5');


--
-- Data for Name: chunks; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.chunks VALUES
	('096e7608cd229200a3e080c2a8c43073', 'a1d81523-f9d0-5666-8bdd-fca87edcbe1a', 0, 0, 44, 'This document is deleted before the upgrade.', 'gone', '{}', NULL, '', '\x809c96bd1e6a093ceaa3a33deab82bbc4b6d893d892bc3bc54c457bd2964873a74f91d3d8453edbb30c42e3d3d43e03b3353523d46484dbcc65659bd497781bc557f373c4fef56bdff4051bd8dea98bc59b9603d3062dfbc5ed741bb58c61d3ddb6a1b3d01f9af3c1d888abd8a7564bc4d8cabbd6387edbd4d2f60bd017046bd63d2a0bb4bbdae3ba25e5b3d8f455e3d6baf74bce0cc6c3d132251bcf04a8f3dd8fff23cd9d5ef3c44a177bd783d01bd43b62fbced0c1b3ab09b84bb663b3fbd398fec3dbc8564bdd669f33c9a2317bcf93ad0bcb3c2073d742fdebc9950623d46d58f3d7bd54c3d3b7c353c95f0b23cc7f9343d9ad22c3da4b224be037a863d7d0f83ba9f0ab43c251845bde060f4bd83bbdd3cbeb1113d92ed52bd415dc0bce3fc64bc50c75a3cd3495b3d76f105bcd4c1f63b6ea26a3b3e10033d09d962bb30aa8d3c06e0ae3b8f6b02bda966023d176522bdb42cadbd11c0103c2d85183cc6a5013cf52350bcc66d3e3dd02a26bd6bc7103e15f10e3d10a96ebdcde809bb89220c3ce988a43d1c2e593ca80fc33e3c1b93bd6022853d15262abdc94902bd0e77da3b8729083c03f80e3df4c1f23c8776b43c788419bd72a3e7bb972966bc1d5bbd3c55b8693dc9d5dd3d07cbc33c37fef73b2dc5553dde547bbdcfdbd2bcfc212bbd7d20d33c0e68c93d93d3ee3ce79d20bd8a6f0dbcbe9f2e3d50358f3da85872bd41598abca8e3cabb28f6b0bc98bf08bd6c54cbbcb66e293d0ef6c6bc864b1bbd511777bdf43920bc053388bd0a56dcbca49a96bb2a0a03bd6d119e3c78050cbc128a0f3dd5f0f9bce2204a3c1642d13cae440ebd881ce13cd7e92a3ddd83babb51d7513cbb4001bc7e9941bc6389643ccb558ab9261c4e3bbd58243c243ea83c1b185ebc964036bd4e9b853d73059e3c6b92d13c1af3ddbc509a0cbad6acd0bcebaa903d98dbbcbc3155eb3a7f31c43c561fc5bc0488f13d3c17bbbc46415e3c9476dd3c42cda03cb8358dbdf043713c77fe00bd68d5a3bd153c023c500f413da408eabcf1431ebbe124c63c708b2a3dd0ff583d1f098abda2e19e3cae1a7e3cc612d5bdf6200ebdcfc49ebcfc01b4bd3b9e40bcb6c6f93b77ba76bd75944e3de047583dfa3c1c3df4575dbd2d7a35bdbf27793cedfd23bdc765443caa18f03cfc2e12bcf67c8fbb58a200bd5491873d400b803ce7cb803d56e81cbdc6790fbdfeaa7fbccbb7e5bcc84408bd2c22e4bc6d42333d8792363d6ddf8dbef7a5e63c199e8bbd147e69bd464ef9bc967fa6bcdb475a3deff559bd9a16273c831fdebc8c4e2fbc15f72d3d6f8961bc7e38c53cc052cd3b9caea0bc62ff953d6284c73ca11747bd9a1d88bc6889a9ba8588c33cfe5706bdd9bd8fbd346bb13d086f44bc479df73d579fe9bbf6779e3cebc3fbbcec4ee43c3b60903dc07964bb118ff4bd1313173d628e1d3d42240dbc69339a3c16240c3c50d0b0bc6240173cd6610fbdc051193d740dccbd09d6393db9126fb9e8dfbdbd5286173d9a390c3ca2ea963d5d939f3cf9948c3da8e757bd6682593d4d35193dbd1239bd2361afbc7e959c3cae0acb3ced9f06bdb786043d12392abcc67bfabb0eb0b0bd6527423df723c4bc586831bd009760bccb1d613ce6fc4cbdd7eff4bcc498423c5ee80cbd577e00bdd20608bd9c30133d56da5bbc1ffe183c9203efbc54e060bd76f3eebc0edf6b391b63463dfac9593d912d05bd09b0883d3b655d3ce9d2613cc9262ebdfdf2343dc36a80bd96cc2a3db97189bc476186bc0b7eb83dcb9b213c98b05fbe9c7285bcdf7d833dc5855fbc7c0da93cba04b23d9b1d953b1dd67c3dcef25abba1e1e93c7f0282bdd763e0bcbee87bbd8c6bc0bda6e0753c3705b53b7753513dff94273c717d813c1b1e50bd80f55ebd7eb28bbdc2acf83df4f79b3c181055bcea8017bc1ecc07bb57e16b3dea955f3d5304b13bcaf22cbc0ae8f93c3d24143dc978e1bccc722cbdce71cdbca03ea73be686033aa7ae043cc34953bd79431fbdc6e0533c720d9f3bf38dbcbc89b8d93dfd2b8e3b21a18d3ccb8a56bc7b527ebcba2b673c94a386bc77382ebc3ea1debb1427323cc3282b3dbace353df8f3febb8fc6cb3b6809493c0079a0bd123eee3cb390103dba74153ddfa3f8bc7c3a6e3c', '60a1d903fbe32e39ef0f53afccdf049ae5d743be0e1725d19d745dfd0723ad83', '', NULL),
	('f4bdd307efb9c8af1c38ebd1abe930cd', '5bc3c278-beb5-555b-a6aa-d2f8a4ef868b', 0, 0, 42, 'The rent of Unit 7 is 400 euros per month.', 'lease', '{}', NULL, '', '\x150536bc8c4f9f3ccc91d6bb79da133c3f0e52bc87d4903ceb28813c4ca5d63c3c548c3d0c33b9bc5056bbbcda1e44bd0f21b53c1998cb3cb129823d9296a6bd489d20bc367f06bd639111bd5b2b1f3d9e38883d28f18ebc021740ba9d0859bd8ea259bcd755de3cd1d2263beefd723dbcfb46bdbaf5e7bd5b95e53c6bdbbc3bd7143b3d968dfcbbabf2643c40279f3b4fd284bc4d2ee2bc9c3d29bbecdf413db76f22bab3fb5e3dabc78cbcd3371ebcccdc7d3c17734bbc5aa698ba74475c3c82633b3d63c3e53c5e4d5f3df93615bc36da6bbc9be7afb907e53dbd23710bbd92b3f23c43e0c8bcf980113d779a243dfa599b3c107a50bd3e452abeb145b13c9de0bbbc4cee48bbc0bdc33b76e757bd39ce8dbc7be4903bf5223d3df04d6f3d02564fbca18fee3c07420c3dc4e74ebd9931b2bc2334973c8b4ad93ae4b64c3bf3500e3d56f875bd53573dbbb172393dc77070bcc3ab88bd832a4e3d085a46bdb8a8d03c8a8b2abdf99a9ebc75bf1c3b3f0d8ebd1b2c6b3c0a1c0ebb20ae99bc6a656dbc59cca9ba87601cbd72a9a03e848f243dc7f6f4bc8e33733d786a0bbc959f42bdd1e7d93cad25323dd1b1463d247bc5bc64dba8bbbe06b1bd32550dbd51677e3c62d0c4bd3a2a34bb29a4393bc1a907bd09dd60bd8fcaaf3ced05d03c6b0a2ebb61d33f3af035debcba53933d3163523df9cf223c8fcec83b1c86693dacf4983d57328d3d8803d9bb86b4fabc112c46bd606f683c4bc20f3c489b043df708493d87ce973c517286b88c74803c9c2907bd5a549ebd4398c33aa3af8cbd2336e1393218723c7ff9633c0ecbb03c5d15593d8d8f193d5f454cbcf43fb53dafc0dc3d6c58a7bd1f514a3b70922b3de6b9ae3ce41f3e3d16fe0fbcfc3da13c83602dbd4ebf8a3c20b8cdbdcc778f3dad357b3d5f3c98bd296368bde63654bd9567953bf561b73cf0ce8a3c8ff19d3df5439abb1ba1323d2a7a0a3eceaa89bd942f70bb3006823d9cdc35bd525937bdfcaeb3bde9bcb53dbd7c31bd31cd963c76e3053d32d520bc2dbbb9bcc3ceaf3bded09e3b14fef4bb7c93c63be272643d9c7339bc7739f03bb9158abc48a19cbb852ea2bde9004c3cf480a83c9f9c823c742cf93d8b87b2bb0c9332bd2e3a32bd0718c03c3e0d853d8b5da83cf2b20ebd604c353d8b74263b3e4ab83c7a15633db83cbd3dcb791c3bf024a9bc2764cb3cce9d48bd12506dbc77fa3e3dabac4bbd362e1b3970d552bb5da92d3d413898be6266fdba9da3d53b99ddcabcd1e4b23ce96c9b3cc50dee3b2f5264bcec6166bb7de7acbc61bb9e3d0ff92ebdb9d67fbdc818583c948690bdbc4694bcf6eaa53d3b42433d401622bd273b5cbd06f48f3c5d84da3ce34e7b3ca2ef9a3c9ba4c23d427344bdf393143e76c8babdeeaddf3c6b3692bd6f64e93ce07c813c859818bdb29498bdb278213d76cc3a3cb06e693de2db8bbb4a04323d46f711be3303413d0d03d03cafc75fbd1f6b15bdc38265bc709baa3bbd356cbcdcf97e3ddbe949bdf9d204bd32f14dbdc1330c3cd2dff53c186fbe3cda0b733dec6c15bccd67b2bc5e7ff2bc35d128bd6adf913cef4f3d3ddafbcf3c29c1c93d7cfd0ebd1d25343b631234bdbd1687bcb41b93bdcb8956bd260e733c44f102bd2170ce3bbdae453b8d3e03bdedc700bc4b75fd39204d903c753f953d64ee0ebc7f72343cd2377c3d2b2e2fbd598c9ebce02402bcc7ff153d3222ae3c5dfd023d27c88f3d5490dfbc3e8e503da6b0adbd36f992bcb5bfa3bda810603d41ed9fbd9b4b38baa7e08bbe849fb9bc95bb4abd0de3ad3c4c64fa3c7729f63b631487bd963918bd0a94a5bd2949ffbb3588bd3df2ba7c3cf3e2e03bbfa01c3de7cb823d93327abd7a80ec3ccc5dcf3c8cee123d768806bd2c91823cbeda9e3bc674b63d076a6e3c2098f2bc017dabbcdea741bdc3418d3d25f0413c68d5aebcdf5d8fbda22b943c853b943d558c1c3c5cf04abd1761c23c95de78bc90ff853d45831c3c76fcf9bce5f776bcf208a73cfa3e78bc2ab0fc3c4e4d5f3de60fc5bbce11a63da5d0a7bc7eed893c9b58a63c57f050bd1b4f0bbd679ad5bc9370e23c98508abb129d3b3c32d5a2bd6b64e23c63d1323c6bb482bd4f7459bdd94ec6bc2eccb1bc351a3dbb9653aebc', 'e111286470f4cb91fe823fb742eb960009085e27cd65eff2f3bd71ab16e690ab', '', NULL),
	('a1d243d9771ff9e4da2ace4c7d0a5921', '83360d58-ea8e-5a82-9c4d-09a1f05c21c6', 0, 0, 67, 'Notice

Either party may give “notice” of ninety days — in writing.', 'Notice', '{}', NULL, '', '\xd4e8b1bd23d0723b732171bce25a46bd61cd57bd7c3324bcee5a313c79b59a3c64040abd5e63073c821c9d3b3abb963df42308bc96434b3cb2d1debc3cd0d9bcfa0721bdcbe625bd014b75bb84460f3d0d96da3d7e104cbc9d82953a0dc7173d97f2cebc32ab823d6293a2bc5f1639bd62b726bd04728cbde0e9183d327aedbcf9db39bcd080b03bdcbbcd3c3165d03c6a09033c39aecf3ca3a02abd8d2cbcbbd573363d54a7b93d7ecc2f3da9f35a3c76f108bdfcfecbbc662610bd75ef0fbd0fdec0bc394164bcf332513d76e567bc60c5023df9f2d13c67ff983af21caabb932f4f3dc9e3c1bcef95103d6297f1bbfeecf63c90acc3bcf8f619be9648e7bab3537c3c3cc5c0bce986adbdcfcf2b3be94bdb3be774eb3ca629de3c37a32bbb327224bdaf98373da7e529bd2a3c0ebda3d67fbbf2548abc4e0a56bd10cffbbbe13d4e3c67ff8e3c936ffe3bb1efaebcec7a27bc8d9594bc6face5bc07ef85bc0564283d15e70cbda47ccd3b6060c0bc0244aa3cf3d2c73aff250fbd6b1ba4bc9669d03cd0631dbc2d1521bd643cae3e52ca1ebdf2cd843d5eb20fbcf1f5203b9031083de3fdb2ba6fbf243b3c8a41bd148b90bd8296fcbcd2bfadbd213e283dca09763d41b338bdb63ca33c5a4cb63db11b223d5328533de571f9bc4c8615bd3854423d9ff03fbda7f48c3cc1ef84bc43bb15bdbba2b43c30429d3dfaa6a83c30af993cdad8873d75828bbcb24cfdbc2558aa3c975687bd445f873c11face3c0eabce3bdb46e537d0f2213dda768bbdc144203bcd7bb3bd7c7cd83b15dca5bcc6a10c3c5ddd0e3e01f529bb4ce3c83c863e063d11461ebbacc29bba1754cd3da0942e3d75607dbcb5dcb23cfbbc923cbb37f23c3824143de0dc4d3b92f68a3cc57f7a3d1e9a553a809311bda5abb73d5bc634bb139c87bda20bd53ce7e9e7bb31e01e3db10accba197ab03cfe1b71bcc4c4383d184c68bd6fcb923d878e823ccdb7683d76cbce3a3afe4b3d7ba7cc394da4153d72f2403dff349bbd5ee1ad3c3c740cbab53616bcd02f853cae6119bdebd00e3d00d21b3de695813a6288c53c3163aebc2130b53c26f214bcf525b3bdd2a62ebd7860e13c85ff7abd8bbd2fbd9fd84cbd5f63e0bc59855dbd07e5bd3c71d7c53d3c63e83cf7a3613d63ef50bc2bee293c13d257bd557672bb6c24343dd09d3c3db2dadbbcb13865bc0970733d87aeffbca6a1263d9ea221ba834fe73cfc7b213a747ee0bcb6ac963de11194be21d926bda4610a3d278876bcdb68533d88527fbb737536bcb75481bd46081bba8cd4093dac77e83c45dbfd3bf28518bd98e874bd82141e3d9058a93b03f2a53cbadd573d77f8583de56b063c82e9b23b091cca3c744e89bd7f298fbdebc82e3cddf0a53cdeefc43dec90323c5c0ddfbd1ddc39bd9c7fd6bc1fa413bdc736c83b2ddc21be4346023d4f3080bc210292bd10f173bbe926e3bb3df0adbc087bc9bc5a3d913dafd8b8bb1f02843c681d1dbd63e803bbd7e6043c49216d3c6e3f2d381aafe7b80422ad3da43227bc97dac83c2039303d14555d3d0af657bc027876bdbeaae43b90c89fbd0f3a273c3ae18a3b5a8422bd1349803d51ffbfbb0491403b6418943c266c59bd9f883bbd0cedd7bc9c58ef3df3a588bc708c723d739c56bd7581c6bdf7a2513decc904bd94546cbdb9302bbdad642abc2eb011bdbf8a7bbbf75c44bdc504123cc7a9b8392abc323d71820e3d5c9a3fbd236c333d00dcfcbcb912fb3ceb65953cb9ab9bbd0a7ff93c99a0223d49fce43b061782bc5a60a4be6417df3caac414bcbd4dc53ae0561d3d6538a03dd53e76bbeacb8d3de10accbd1f45ab3bfaee2a3c85c1523d8a0966bdc4203abd95c14bbc0bc7283d0200953d59a6bd3bf207a9bce27739bdd350de3c0a4128bc7f93083ea1a73e3d70352f3d9fe3a8bc6d88913add6eb6b915fa923d07328a3c068c953c33b6c1bd86f2423d45f1463c4c7ef73c1ea082bc7bfa0abcfeb2013cf279503bfbb0073c5f1690bdc6191bbcc0287a3ce2c8cabc8606773d25739c3deea798bd1f531a3de15785bdf11b003c66188239ade1293de2c1bdbb5a86ca3d39820f3d155da2bd764440bc80615b3bd6226f3cf304bebc2c9583bd4fa2af3c0b9a213d885983bc40c2fdbb', '5eead303168c898b84bcc4b80240f63cb4b2552e2c8adea99e56335bdd82c8c8', '', NULL),
	('0234ca627dc8ef56c872a785407a0465', '5bc3c278-beb5-555b-a6aa-d2f8a4ef868b', 0, 0, 76, 'The rent of Unit 7 is 500 euros per month.

The deposit is two months'' rent.', 'lease', '{}', NULL, '', '\xdc697bbc2998e43b8239a43a742f15392c5b4fbc7efc9a3c5798583d15c7ab3bd2264f3d4b03b33bb2bdb93b12a74ebd89b0e83b159a123dc6db123d6d149fbd5a8f36bdcb90c1bc18986dbc028c343dc48a4c3d6eb440bd468335bc7a86a7bdbc2e293c31cd1a3c5b4425bd22d02f3dbda023bdc278f4bdb2faf23c721e65bb26a3053b880605bd257dc13bafac5abcb57538bd9be95dbcf3bcf0bbd080703df2683dbc1256513d2726a4bba9f958bdef8f023d540846bc4b44dd3c50f9b03ce3d4903d893e0a3d3b2d143d276c083c19f2403bb6895f3c697e2cbd7a69ebbc41e4223db585dbbc5c2a3a3c8ac8fd3cb4306b3be91e99bd147413be105b093adb2fa5bc5994ac3a361b8a3c749d95bd4dc985bc2371e03b2b18483daefb6e3da99b08bd92fa223dcb6d433dfe7f6ebdc8ba32bdf1c1da3b0fc2e53c57815a3c1312e7bb7dc309bd16553bbb2769c63c018262bc08502dbd0a671e3d8ebd0cbdb68f1a3dcc4d813c8aa5073cd780bbbc741d70bd41ca323c80b810bc02c05cbccb8694bc71334e3c8bd336bd10b4983e2444383d8c8869bcc2e36f3d3f79ebba772018bd8a3e603c42bc0e3d81c3693d513dc4bccc0ec2bc8e09a3bdefd75abdf36c093d91eee3bd81750abd91030d3ce66a3dbc6f6050bdb7a5533dbc7a073d9bc33f390db129bb5bc482bc2b1e2d3df393793d07bbb63bbc57d73cab67433d0c1ad83c76539c3d2e3fbcbc159d47baf37a98bd3c4bfd3c0f9db83ca56572bc97e36c3da3de583c1b52f83c93f70bbdfc1ef93b64f48dbd6a73f13c00fffdbce1fd713c0ed2053d860e183d77d4bd3c0bcf4c3d8b98823d59953abd3e4d883d338bb93d1967b7bd90ebfd3c6a943c3d0a18aebaa1831a3de50cf13b6c57693d4ac7dcbc89a1a83c8188b8bd47cf883c7697863d066aaabdcf6e3ebd0bda92bd46fa513dd68a1b3d5389263d607f323d18cb76bcdd5c8c3c45b9ec3db9f8a7bdc872d2bcd8811e3ddd0c35bbba3669bda1bebfbdf8a3be3d8a27eebcabf4173d76d7943c48e419bd761857bc2ad9b6bbcdb383bba319a33c6ce0b4bc64a61b3d4f3ab0bd55aaac3cd0b5973c50d6fdbc8a1b85bd0855b03c1c624f3cdc615c3c01f7fd3d0fec603a06272dbd5d8270bd13b47f3c5109e23c183b563d9567f7bc05a5be3cc361653b4cf5cd3c95ceb93ad5175b3db7a6abb7041b253d239e0f3d83ca78bd995773392ef6893dc9a46ebcf9c5ab3c14607cbc60103d3cb24795bed003f43be2d13c39743fc8bb86515b3d97a4e63cfc9fcc3cac8eefbccc35173bee0396bcfe154d3dd30461bd137e0ebdd7280e3ac44e84bd12a69dbcce44763dc9184b3cba71fbbcb26bedbc7f95853cc36a2e3c9f3fb63b9c9b0fbc4c59c83d74ff04bc1426fe3df5eeddbd53be173df98593bd4d0a313dedabb83cc92eafbc37b862bd93c4803d92788a3a4870143dcaa0873c0a4a003c5018e9bdd853693d792b913cff9f10bd5c4b26bcb0eb04bd25f7f3bb53d8c8bc14e9843d551144bdac1da5bd7cc965bd3c97813df864b23c415a6d3c0fe42a3d24da053dc945a2bc0afe18bc567b2ebd5310653d1d905a3de6eff03c1f22043e159c27bd08b0eabcd4123bbd00f3a6bce73ba7bdbc1d32bd477e1c3d00b894bc86fd673c00c09d3b13b46c3a6f89853cd90cc83bc4c9213dbcbfb23df8a4263cc95c7ebc66fbae3c7faf8fbdab3f01bde000d83b5d5f753d7e84663d8387b83c35aab73ca4dc48bcc63f133dd559b6bd856fc1bc16c24abd559d7b3d7208f9bd287bdebcb3618ebef2b2bdbcbb7ed1bc7e3d4c3d30eeaa3b3476d73ba68879bd08d663bd01dc96bd45f7fd3bc22dce3d50f5fa3cbc4a2c3d80247b3c3699013d86cdf5bcb93b243d0e08f7bc1f8dd23c268bccbb8d0bb03b83f56c3c8db3bc3d8029e5ba57d628bde996d4bcf10945bdeaa7af3d0080b03ca6dc11bd46448abd4ef58ebcb4eb793d9107a5bc0182b9bdc76f003d2893e4bc73d4bc3ddf3e4e3d642979bdeec549bd5079ce3b7350393c85bdd13ca7a75d3d43f1fc3b49c2be3d79c1ddbcde9b993c18f6233d6c5d03bd94f150bdab881bbca1333b3df95a023d6eb9273b52b898bd3688363c0f872ebc51d916bdb45094bc2fc1b0bb6e27423be72586bc24adb4bc', '425ad046c40957bd79f196bf9a78d52b09b3c436e169a232974aeeb688c20b64', '', NULL);


--
-- Data for Name: documents; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.documents VALUES
	('83360d58-ea8e-5a82-9c4d-09a1f05c21c6', '/tmp/tmp5dervusc/files/notice.md', '95db158f23789306eec203e7ca57ecde', 1, '2026-11-30 06:09:42.482356+00', 3, NULL, '{}', NULL, NULL, false, NULL),
	('5bc3c278-beb5-555b-a6aa-d2f8a4ef868b', '/tmp/tmp5dervusc/files/lease.txt', '95db158f23789306eec203e7ca57ecde', 2, '2026-11-30 06:09:41.96729+00', 4, NULL, '{}', NULL, NULL, false, NULL),
	('a1d81523-f9d0-5666-8bdd-fca87edcbe1a', '/tmp/tmp5dervusc/files/gone.txt', '95db158f23789306eec203e7ca57ecde', 1, '2026-11-30 06:09:41.726004+00', 5, NULL, '{}', '2026-11-30 06:10:54.941315+00', NULL, false, NULL);


--
-- Data for Name: facts; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: installation; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.installation VALUES
	(true, false);


--
-- Data for Name: retired_documents; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: schema_migrations; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.schema_migrations VALUES
	('0001_initial.sql', 'd4f4c42182847eb8e9a7326c1b63eab9507fe36d381322d001b77b9e8f58cbf9', '2026-11-30 06:09:40.876633+00'),
	('0002_embedder.sql', '8ddfef70becf3319b4a2bd3bd9707cd02f790ec83de4dc0467cd006ace3c186e', '2026-11-30 06:09:40.876633+00'),
	('0003_version_labels.sql', 'fd27b5a562c8a61da80f5eae376ca3cdf59b858d2359cd6f38d3f67606cd445f', '2026-11-30 06:09:40.876633+00'),
	('0004_changes.sql', 'c588978be5d6f8c57d5fac0843aeaaa814c8b2a4e93c74c40c889f8a8aa08aef', '2026-11-30 06:09:40.876633+00'),
	('0005_adapters.sql', '025c75e61645d0d0862ff2258050acd020f3c5bf02e7142fc702256197d970da', '2026-11-30 06:09:40.876633+00'),
	('0006_audit_answers.sql', '294e7c2a76053bc2672e65a444bc1e1b421ce665a0a301f405a3093496ea107b', '2026-11-30 06:09:40.876633+00'),
	('0007_rights.sql', 'a3b74f7a26ee570e1df2530e16b6c95462aa3f68b179ef108ce4697254a96885', '2026-11-30 06:09:40.876633+00'),
	('0008_demo.sql', '814756493194274f030f2dc4b32e327211f4ee38a61a8b105aebdc9ec62ead73', '2026-11-30 06:09:40.876633+00'),
	('0009_names.sql', 'fca7f886158f2ceea80841a902c0468e89521ca85f514a7bd9c45b4eb79d25d2', '2026-11-30 06:09:40.876633+00'),
	('0010_warnings.sql', '2d9fbe63cec99c4e1a98cb7f2fbef4504a6b99ef7b5ff02b300ae09bc912c80b', '2026-11-30 06:09:40.876633+00'),
	('0011_parents.sql', '449fe08f558e33907660cdf70bca287d12a4eb86bec7097e6ef32168c2b27a1d', '2026-11-30 06:09:40.876633+00'),
	('0012_chunking.sql', '2b5779b8b46d0f6e01b6140e34e3018e97e8d8bfaed6d2fbb5cde96ffa1da93b', '2026-11-30 06:09:40.876633+00'),
	('0013_facts.sql', '17fcae6dd0fee55e48c40cf01d862363952bf740116bc814b3715affbdfa2b80', '2026-11-30 06:09:40.876633+00'),
	('0014_language.sql', 'f1f571abf7097e0bfe88ec911e7cdfee6271b7fd5a31c960e98bb678879daea7', '2026-11-30 06:09:40.876633+00');


--
-- Data for Name: segments; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.segments VALUES
	('segment-3de3f7a0ace940ce86c7b05e7d01069f', '2026-11-30 06:09:46.824799+00', 4);


--
-- Data for Name: versions; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.versions VALUES
	('a1d81523-f9d0-5666-8bdd-fca87edcbe1a', 1, 'd4b6037d7a6667deb32bba619bd90b89c8f97f2be60a56b3f2252ea44df87e35', 'text/plain', 45, NULL, 'gone', NULL, 'This document is deleted before the upgrade.', '{"lines": [], "elements": [["paragraph", 0, 0, 44, null]]}', '2026-11-30 06:09:41.726004+00', '95db158f23789306eec203e7ca57ecde', '\xb18f34a14bed8680f93d8b7d360031807846c7f3a52407d851b27ab82cbf5114', '0001-01-01', '[["title", "gone", "", "file", -1, -1], ["file name", "gone", "", "file name", -1, -1]]', 2, '[]', '{}', 2, NULL, '60a1d903fbe32e39ef0f53afccdf049ae5d743be0e1725d19d745dfd0723ad83', 'structure', 'en', false),
	('5bc3c278-beb5-555b-a6aa-d2f8a4ef868b', 1, '50ccf10f33885e9a3fa8730fa45b5657e96c9ba986c65b3aca90ba91dd0bbc12', 'text/plain', 43, NULL, 'lease', NULL, 'The rent of Unit 7 is 400 euros per month.', '{"lines": [], "elements": [["paragraph", 0, 0, 42, null]]}', '2026-11-30 06:09:41.96729+00', '95db158f23789306eec203e7ca57ecde', '\x452ea26d1a9aa20aae56ee402b6f6041a3b6231bea3da426e52c2789ac37b21a', '0001-01-01', '[["title", "lease", "", "file", -1, -1], ["file name", "lease", "", "file name", -1, -1]]', 2, '[]', '{}', 2, NULL, 'e111286470f4cb91fe823fb742eb960009085e27cd65eff2f3bd71ab16e690ab', 'structure', 'en', false),
	('83360d58-ea8e-5a82-9c4d-09a1f05c21c6', 1, '5157aef8e7f72d59031e0864715c7c7d2010cc3fadad704d1ee6f19c75c83e61', 'text/markdown', 76, NULL, 'Notice', NULL, 'Notice

Either party may give “notice” of ninety days — in writing.', '{"lines": [], "elements": [["title", 0, 0, 6, null], ["paragraph", 0, 8, 67, null]]}', '2026-11-30 06:09:42.482356+00', '95db158f23789306eec203e7ca57ecde', '\xbd6f4f8f7112a8dc135a6b0d4831e6953c20ffc0f3743d0b762f575dd2dd2a0c', '0001-01-01', '[["title", "Notice", "", "page 1", 0, 6], ["file name", "notice", "", "file name", -1, -1]]', 2, '[]', '{}', 2, NULL, '5eead303168c898b84bcc4b80240f63cb4b2552e2c8adea99e56335bdd82c8c8', 'structure', 'en', false),
	('5bc3c278-beb5-555b-a6aa-d2f8a4ef868b', 2, '15a2f58972033f16561ccbac75c184b3ee671f7e859e7c13d9e85587e531f83f', 'text/plain', 77, NULL, 'lease', NULL, 'The rent of Unit 7 is 500 euros per month.

The deposit is two months'' rent.', '{"lines": [], "elements": [["paragraph", 0, 0, 42, null], ["paragraph", 0, 44, 76, null]]}', '2026-11-30 06:09:46.706455+00', '95db158f23789306eec203e7ca57ecde', '\xe471159702d5ed39005910817dc19fe774f3a78fdae8c2e2b974089b63a93a20', '2026-11-30', '[["title", "lease", "", "file", -1, -1], ["file name", "lease", "", "file name", -1, -1]]', 2, '[]', '{}', 2, NULL, '425ad046c40957bd79f196bf9a78d52b09b3c436e169a232974aeeb688c20b64', 'structure', 'en', false);


--
-- Name: adapter_changes_number_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.adapter_changes_number_seq', 1, false);


--
-- Name: facts_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.facts_id_seq', 1, false);


--
-- Name: access_labels access_labels_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.access_labels
    ADD CONSTRAINT access_labels_pkey PRIMARY KEY (id);


--
-- Name: adapter_changes adapter_changes_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.adapter_changes
    ADD CONSTRAINT adapter_changes_pkey PRIMARY KEY (number);


--
-- Name: adapters adapters_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.adapters
    ADD CONSTRAINT adapters_pkey PRIMARY KEY (name);


--
-- Name: api_keys api_keys_hash_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.api_keys
    ADD CONSTRAINT api_keys_hash_key UNIQUE (hash);


--
-- Name: api_keys api_keys_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.api_keys
    ADD CONSTRAINT api_keys_pkey PRIMARY KEY (id);


--
-- Name: audit audit_id_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.audit
    ADD CONSTRAINT audit_id_key UNIQUE (id);


--
-- Name: audit audit_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.audit
    ADD CONSTRAINT audit_pkey PRIMARY KEY (seq);


--
-- Name: catalog_generation catalog_generation_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.catalog_generation
    ADD CONSTRAINT catalog_generation_pkey PRIMARY KEY (single);


--
-- Name: chunks chunks_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.chunks
    ADD CONSTRAINT chunks_pkey PRIMARY KEY (id);


--
-- Name: documents documents_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.documents
    ADD CONSTRAINT documents_pkey PRIMARY KEY (id);


--
-- Name: facts facts_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.facts
    ADD CONSTRAINT facts_pkey PRIMARY KEY (id);


--
-- Name: installation installation_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.installation
    ADD CONSTRAINT installation_pkey PRIMARY KEY (single);


--
-- Name: retired_documents retired_documents_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.retired_documents
    ADD CONSTRAINT retired_documents_pkey PRIMARY KEY (document_id);


--
-- Name: schema_migrations schema_migrations_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.schema_migrations
    ADD CONSTRAINT schema_migrations_pkey PRIMARY KEY (name);


--
-- Name: segments segments_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.segments
    ADD CONSTRAINT segments_pkey PRIMARY KEY (name);


--
-- Name: versions versions_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.versions
    ADD CONSTRAINT versions_pkey PRIMARY KEY (document_id, version);


--
-- Name: access_labels_number; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX access_labels_number ON public.access_labels USING btree (number);


--
-- Name: access_labels_principals; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX access_labels_principals ON public.access_labels USING gin (principals);


--
-- Name: adapters_current; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX adapters_current ON public.adapters USING btree (base) WHERE (status = 'current'::text);


--
-- Name: audit_answer_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX audit_answer_idx ON public.audit USING btree ("substring"(record, '"answer_id":"([0-9a-f-]{36})"'::text));


--
-- Name: chunks_place; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX chunks_place ON public.chunks USING btree (document_id, reading, ordinal);


--
-- Name: documents_deleted; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX documents_deleted ON public.documents USING btree (deleted_at) WHERE (deleted_at IS NOT NULL);


--
-- Name: documents_facts_changed; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX documents_facts_changed ON public.documents USING btree (facts_changed) WHERE (facts_changed IS NOT NULL);


--
-- Name: documents_generation; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX documents_generation ON public.documents USING btree (generation);


--
-- Name: documents_label; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX documents_label ON public.documents USING btree (label_id);


--
-- Name: documents_parent; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX documents_parent ON public.documents USING btree (parent_id) WHERE (parent_id IS NOT NULL);


--
-- Name: facts_document; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX facts_document ON public.facts USING btree (document_id, version);


--
-- Name: retired_documents_generation; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX retired_documents_generation ON public.retired_documents USING btree (generation);


--
-- Name: versions_catalog; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX versions_catalog ON public.versions USING btree (document_id, version) INCLUDE (index_key, label_id, effective);


--
-- Name: versions_content; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX versions_content ON public.versions USING btree (content_sha256);


--
-- Name: versions_document_reading; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX versions_document_reading ON public.versions USING btree (document_id, reading);


--
-- Name: versions_label; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX versions_label ON public.versions USING btree (label_id);


--
-- Name: versions_name_rules; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX versions_name_rules ON public.versions USING btree (name_rules);


--
-- Name: versions_parser_rules; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX versions_parser_rules ON public.versions USING btree (parser_rules);


--
-- Name: adapter_changes adapter_changes_name_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.adapter_changes
    ADD CONSTRAINT adapter_changes_name_fkey FOREIGN KEY (name) REFERENCES public.adapters(name);


--
-- Name: adapter_changes adapter_changes_previous_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.adapter_changes
    ADD CONSTRAINT adapter_changes_previous_fkey FOREIGN KEY (previous) REFERENCES public.adapters(name);


--
-- Name: chunks chunks_document_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.chunks
    ADD CONSTRAINT chunks_document_id_fkey FOREIGN KEY (document_id) REFERENCES public.documents(id) ON DELETE CASCADE;


--
-- Name: documents documents_current_version; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.documents
    ADD CONSTRAINT documents_current_version FOREIGN KEY (id, current_version) REFERENCES public.versions(document_id, version) DEFERRABLE INITIALLY DEFERRED;


--
-- Name: documents documents_label_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.documents
    ADD CONSTRAINT documents_label_id_fkey FOREIGN KEY (label_id) REFERENCES public.access_labels(id);


--
-- Name: documents documents_parent_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.documents
    ADD CONSTRAINT documents_parent_id_fkey FOREIGN KEY (parent_id) REFERENCES public.documents(id) ON DELETE CASCADE;


--
-- Name: facts facts_document_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.facts
    ADD CONSTRAINT facts_document_id_fkey FOREIGN KEY (document_id) REFERENCES public.documents(id) ON DELETE CASCADE;


--
-- Name: facts facts_document_id_version_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.facts
    ADD CONSTRAINT facts_document_id_version_fkey FOREIGN KEY (document_id, version) REFERENCES public.versions(document_id, version) ON DELETE CASCADE;


--
-- Name: versions versions_document_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.versions
    ADD CONSTRAINT versions_document_id_fkey FOREIGN KEY (document_id) REFERENCES public.documents(id) ON DELETE CASCADE;


--
-- Name: versions versions_label_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.versions
    ADD CONSTRAINT versions_label_id_fkey FOREIGN KEY (label_id) REFERENCES public.access_labels(id);


--
-- Name: access_labels; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.access_labels ENABLE ROW LEVEL SECURITY;

--
-- Name: chunks; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.chunks ENABLE ROW LEVEL SECURITY;

--
-- Name: documents; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.documents ENABLE ROW LEVEL SECURITY;

--
-- Name: facts; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.facts ENABLE ROW LEVEL SECURITY;

--
-- Name: access_labels owner; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY owner ON public.access_labels TO postgres USING (true) WITH CHECK (true);


--
-- Name: chunks owner; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY owner ON public.chunks TO postgres USING (true) WITH CHECK (true);


--
-- Name: documents owner; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY owner ON public.documents TO postgres USING (true) WITH CHECK (true);


--
-- Name: facts owner; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY owner ON public.facts TO postgres USING (true) WITH CHECK (true);


--
-- Name: versions owner; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY owner ON public.versions TO postgres USING (true) WITH CHECK (true);


--
-- Name: access_labels reader; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY reader ON public.access_labels FOR SELECT TO footnote_reader USING ((principals && ( SELECT (NULLIF(current_setting('footnote.principals'::text, true), ''::text))::text[] AS "nullif")));


--
-- Name: chunks reader; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY reader ON public.chunks FOR SELECT TO footnote_reader USING (( SELECT true
   FROM public.versions
  WHERE ((versions.document_id = chunks.document_id) AND (versions.reading = chunks.reading))
 LIMIT 1));


--
-- Name: documents reader; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY reader ON public.documents FOR SELECT TO footnote_reader USING (((deleted_at IS NULL) AND ( SELECT true
   FROM public.access_labels
  WHERE (access_labels.id = documents.label_id))));


--
-- Name: facts reader; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY reader ON public.facts FOR SELECT TO footnote_reader USING (
CASE
    WHEN (set_by IS NULL) THEN ( SELECT true
       FROM public.versions
      WHERE ((versions.document_id = facts.document_id) AND (versions.version = facts.version)))
    ELSE ( SELECT true
       FROM public.documents
      WHERE (documents.id = facts.document_id))
END);


--
-- Name: versions reader; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY reader ON public.versions FOR SELECT TO footnote_reader USING ((( SELECT true
   FROM public.documents
  WHERE (documents.id = versions.document_id)) AND ( SELECT true
   FROM public.access_labels
  WHERE (access_labels.id = versions.label_id))));


--
-- Name: versions; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.versions ENABLE ROW LEVEL SECURITY;

--
-- Name: SCHEMA public; Type: ACL; Schema: -; Owner: -
--

GRANT USAGE ON SCHEMA public TO footnote_reader;


--
-- Name: TABLE access_labels; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT ON TABLE public.access_labels TO footnote_reader;


--
-- Name: TABLE chunks; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT ON TABLE public.chunks TO footnote_reader;


--
-- Name: TABLE documents; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT ON TABLE public.documents TO footnote_reader;


--
-- Name: TABLE facts; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT ON TABLE public.facts TO footnote_reader;


--
-- Name: TABLE versions; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT ON TABLE public.versions TO footnote_reader;


--
-- PostgreSQL database dump complete
--


