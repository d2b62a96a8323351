-- filled_1.0.sql: a database that version 1.0 filled; written by record.
SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;
CREATE FUNCTION public.take(jsonb) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'public'
    AS $_$
BEGIN
  INSERT INTO effect SELECT 'take', r ->> 'eventName', r #>> '{dynamodb,Keys,pk,S}' FROM jsonb_array_elements($1 -> 'Records') r;
  IF $1 @? '$.Records[*].dynamodb.Keys.pk ? (@.S == "bad")' THEN
    RAISE 'no good';
  END IF;
END $_$;
ALTER FUNCTION public.take(jsonb) OWNER TO upgrade_root;
SET default_tablespace = '';
SET default_table_access_method = heap;
CREATE TABLE ddb_data."Counter" (
    id text NOT NULL COLLATE pg_catalog."C",
    item jsonb NOT NULL
)
WITH (fillfactor='85');
ALTER TABLE ONLY ddb_data."Counter" ALTER COLUMN item SET COMPRESSION lz4;
ALTER TABLE ddb_data."Counter" OWNER TO upgrade_root;
COMMENT ON TABLE ddb_data."Counter" IS 'DynamoDB table Counter';
CREATE TABLE ddb_data."KeysB" (
    pk bytea NOT NULL,
    g numeric,
    item jsonb NOT NULL
)
WITH (fillfactor='85');
ALTER TABLE ONLY ddb_data."KeysB" ALTER COLUMN item SET COMPRESSION lz4;
ALTER TABLE ddb_data."KeysB" OWNER TO upgrade_root;
COMMENT ON TABLE ddb_data."KeysB" IS 'DynamoDB table KeysB';
CREATE TABLE ddb_data."KeysBB" (
    pk bytea NOT NULL,
    sk bytea NOT NULL,
    g bytea,
    item jsonb NOT NULL
)
WITH (fillfactor='85');
ALTER TABLE ONLY ddb_data."KeysBB" ALTER COLUMN item SET COMPRESSION lz4;
ALTER TABLE ddb_data."KeysBB" OWNER TO upgrade_root;
COMMENT ON TABLE ddb_data."KeysBB" IS 'DynamoDB table KeysBB';
CREATE TABLE ddb_data."KeysBN" (
    pk bytea NOT NULL,
    sk numeric NOT NULL,
    g numeric,
    item jsonb NOT NULL
)
WITH (fillfactor='85');
ALTER TABLE ONLY ddb_data."KeysBN" ALTER COLUMN item SET COMPRESSION lz4;
ALTER TABLE ddb_data."KeysBN" OWNER TO upgrade_root;
COMMENT ON TABLE ddb_data."KeysBN" IS 'DynamoDB table KeysBN';
CREATE TABLE ddb_data."KeysBS" (
    pk bytea NOT NULL,
    sk text NOT NULL COLLATE pg_catalog."C",
    g text COLLATE pg_catalog."C",
    item jsonb NOT NULL
)
WITH (fillfactor='85');
ALTER TABLE ONLY ddb_data."KeysBS" ALTER COLUMN item SET COMPRESSION lz4;
ALTER TABLE ddb_data."KeysBS" OWNER TO upgrade_root;
COMMENT ON TABLE ddb_data."KeysBS" IS 'DynamoDB table KeysBS';
CREATE TABLE ddb_data."KeysN" (
    pk numeric NOT NULL,
    g numeric,
    item jsonb NOT NULL
)
WITH (fillfactor='85');
ALTER TABLE ONLY ddb_data."KeysN" ALTER COLUMN item SET COMPRESSION lz4;
ALTER TABLE ddb_data."KeysN" OWNER TO upgrade_root;
COMMENT ON TABLE ddb_data."KeysN" IS 'DynamoDB table KeysN';
CREATE TABLE ddb_data."KeysNB" (
    pk numeric NOT NULL,
    sk bytea NOT NULL,
    g bytea,
    item jsonb NOT NULL
)
WITH (fillfactor='85');
ALTER TABLE ONLY ddb_data."KeysNB" ALTER COLUMN item SET COMPRESSION lz4;
ALTER TABLE ddb_data."KeysNB" OWNER TO upgrade_root;
COMMENT ON TABLE ddb_data."KeysNB" IS 'DynamoDB table KeysNB';
CREATE TABLE ddb_data."KeysNN" (
    pk numeric NOT NULL,
    sk numeric NOT NULL,
    g numeric,
    item jsonb NOT NULL
)
WITH (fillfactor='85');
ALTER TABLE ONLY ddb_data."KeysNN" ALTER COLUMN item SET COMPRESSION lz4;
ALTER TABLE ddb_data."KeysNN" OWNER TO upgrade_root;
COMMENT ON TABLE ddb_data."KeysNN" IS 'DynamoDB table KeysNN';
CREATE TABLE ddb_data."KeysNS" (
    pk numeric NOT NULL,
    sk text NOT NULL COLLATE pg_catalog."C",
    g text COLLATE pg_catalog."C",
    item jsonb NOT NULL
)
WITH (fillfactor='85');
ALTER TABLE ONLY ddb_data."KeysNS" ALTER COLUMN item SET COMPRESSION lz4;
ALTER TABLE ddb_data."KeysNS" OWNER TO upgrade_root;
COMMENT ON TABLE ddb_data."KeysNS" IS 'DynamoDB table KeysNS';
CREATE TABLE ddb_data."KeysS" (
    pk text NOT NULL COLLATE pg_catalog."C",
    g numeric,
    item jsonb NOT NULL
)
WITH (fillfactor='85');
ALTER TABLE ONLY ddb_data."KeysS" ALTER COLUMN item SET COMPRESSION lz4;
ALTER TABLE ddb_data."KeysS" OWNER TO upgrade_root;
COMMENT ON TABLE ddb_data."KeysS" IS 'DynamoDB table KeysS';
CREATE TABLE ddb_data."KeysSB" (
    pk text NOT NULL COLLATE pg_catalog."C",
    sk bytea NOT NULL,
    g bytea,
    item jsonb NOT NULL
)
WITH (fillfactor='85');
ALTER TABLE ONLY ddb_data."KeysSB" ALTER COLUMN item SET COMPRESSION lz4;
ALTER TABLE ddb_data."KeysSB" OWNER TO upgrade_root;
COMMENT ON TABLE ddb_data."KeysSB" IS 'DynamoDB table KeysSB';
CREATE TABLE ddb_data."KeysSN" (
    pk text NOT NULL COLLATE pg_catalog."C",
    sk numeric NOT NULL,
    g numeric,
    item jsonb NOT NULL
)
WITH (fillfactor='85');
ALTER TABLE ONLY ddb_data."KeysSN" ALTER COLUMN item SET COMPRESSION lz4;
ALTER TABLE ddb_data."KeysSN" OWNER TO upgrade_root;
COMMENT ON TABLE ddb_data."KeysSN" IS 'DynamoDB table KeysSN';
CREATE TABLE ddb_data."KeysSS" (
    pk text NOT NULL COLLATE pg_catalog."C",
    sk text NOT NULL COLLATE pg_catalog."C",
    g text COLLATE pg_catalog."C",
    item jsonb NOT NULL
)
WITH (fillfactor='85');
ALTER TABLE ONLY ddb_data."KeysSS" ALTER COLUMN item SET COMPRESSION lz4;
ALTER TABLE ddb_data."KeysSS" OWNER TO upgrade_root;
COMMENT ON TABLE ddb_data."KeysSS" IS 'DynamoDB table KeysSS';
CREATE TABLE ddb_data."LongLongLongLongLongLongLongLongLongLongLongLo:c70dbcc7907c3b40" (
    "kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk:0cfc752b8bd78350" text NOT NULL COLLATE pg_catalog."C",
    "key:item" numeric NOT NULL,
    "key:ctid" bytea,
    "key:spare:1" text COLLATE pg_catalog."C",
    item jsonb NOT NULL
)
WITH (fillfactor='85');
ALTER TABLE ONLY ddb_data."LongLongLongLongLongLongLongLongLongLongLongLo:c70dbcc7907c3b40" ALTER COLUMN item SET COMPRESSION lz4;
ALTER TABLE ddb_data."LongLongLongLongLongLongLongLongLongLongLongLo:c70dbcc7907c3b40" OWNER TO upgrade_root;
COMMENT ON TABLE ddb_data."LongLongLongLongLongLongLongLongLongLongLongLo:c70dbcc7907c3b40" IS 'DynamoDB table LongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLong';
CREATE TABLE ddb_data."Music" (
    "Artist" text NOT NULL COLLATE pg_catalog."C",
    "SongTitle" text NOT NULL COLLATE pg_catalog."C",
    "Genre" text COLLATE pg_catalog."C",
    "Year" numeric,
    item jsonb NOT NULL,
    "spare:6" text COLLATE pg_catalog."C",
    "Label" text COLLATE pg_catalog."C"
)
WITH (fillfactor='85');
ALTER TABLE ONLY ddb_data."Music" ALTER COLUMN item SET COMPRESSION lz4;
ALTER TABLE ddb_data."Music" OWNER TO upgrade_root;
COMMENT ON TABLE ddb_data."Music" IS 'DynamoDB table Music';
CREATE TABLE ddb_data."Stream-KEYS_ONLY" (
    pk text NOT NULL COLLATE pg_catalog."C",
    item jsonb NOT NULL
)
WITH (fillfactor='85');
ALTER TABLE ONLY ddb_data."Stream-KEYS_ONLY" ALTER COLUMN item SET COMPRESSION lz4;
ALTER TABLE ddb_data."Stream-KEYS_ONLY" OWNER TO upgrade_root;
COMMENT ON TABLE ddb_data."Stream-KEYS_ONLY" IS 'DynamoDB table Stream-KEYS_ONLY';
CREATE TABLE ddb_data."Stream-NEW_AND_OLD_IMAGES" (
    pk text NOT NULL COLLATE pg_catalog."C",
    item jsonb NOT NULL
)
WITH (fillfactor='85');
ALTER TABLE ONLY ddb_data."Stream-NEW_AND_OLD_IMAGES" ALTER COLUMN item SET COMPRESSION lz4;
ALTER TABLE ONLY ddb_data."Stream-NEW_AND_OLD_IMAGES" REPLICA IDENTITY FULL;
ALTER TABLE ddb_data."Stream-NEW_AND_OLD_IMAGES" OWNER TO upgrade_root;
COMMENT ON TABLE ddb_data."Stream-NEW_AND_OLD_IMAGES" IS 'DynamoDB table Stream-NEW_AND_OLD_IMAGES';
CREATE TABLE ddb_data."Stream-NEW_IMAGE" (
    pk text NOT NULL COLLATE pg_catalog."C",
    item jsonb NOT NULL
)
WITH (fillfactor='85');
ALTER TABLE ONLY ddb_data."Stream-NEW_IMAGE" ALTER COLUMN item SET COMPRESSION lz4;
ALTER TABLE ddb_data."Stream-NEW_IMAGE" OWNER TO upgrade_root;
COMMENT ON TABLE ddb_data."Stream-NEW_IMAGE" IS 'DynamoDB table Stream-NEW_IMAGE';
CREATE TABLE ddb_data."Stream-OLD_IMAGE" (
    pk text NOT NULL COLLATE pg_catalog."C",
    item jsonb NOT NULL
)
WITH (fillfactor='85');
ALTER TABLE ONLY ddb_data."Stream-OLD_IMAGE" ALTER COLUMN item SET COMPRESSION lz4;
ALTER TABLE ddb_data."Stream-OLD_IMAGE" OWNER TO upgrade_root;
COMMENT ON TABLE ddb_data."Stream-OLD_IMAGE" IS 'DynamoDB table Stream-OLD_IMAGE';
CREATE TABLE ddb_data."a.b-C_d" (
    id text NOT NULL COLLATE pg_catalog."C",
    item jsonb NOT NULL
)
WITH (fillfactor='85');
ALTER TABLE ONLY ddb_data."a.b-C_d" ALTER COLUMN item SET COMPRESSION lz4;
ALTER TABLE ddb_data."a.b-C_d" OWNER TO upgrade_maker;
COMMENT ON TABLE ddb_data."a.b-C_d" IS 'DynamoDB table a.b-C_d';
CREATE TABLE public.effect (
    trigger text,
    event text,
    pk text
);
ALTER TABLE public.effect OWNER TO upgrade_root;
COPY ddb.access_keys (access_key_id, role, secret_access_key, enabled, created_at) FROM stdin;
DDBKZGX2JOEXSWW6MDVP	upgrade_maker	iWdUrMnbxzQU0NgnZZzQO9N9rinhR+tyrddpkVSC	t	2026-11-29 10:38:52.694155+00
DDBKG7XEYTRGK6LGRYHC	upgrade_reader	mxWoqfNaEWnSHmUo+8UJx0vA4cghmIc//Ktwciz3	f	2026-11-29 10:38:52.694633+00
\.
COPY ddb.tables (table_name, relid, table_id, created_at, attribute_names, attribute_types, column_names, settings, status, status_until, ttl_attribute) FROM stdin;
KeysS	ddb_data."KeysS"	999d8afb-91c2-4641-a347-5d09c4120d89	2026-11-29 10:38:52.545602+00	{pk,g}	{S,N}	{pk,g}	{"on_demand": true, "billing_shown": true}	CREATING	\N	\N
KeysSS	ddb_data."KeysSS"	266bbb30-47f9-4f8b-9da3-300b45f556ee	2026-11-29 10:38:52.545602+00	{pk,sk,g}	{S,S,S}	{pk,sk,g}	{"on_demand": true, "billing_shown": true}	CREATING	\N	\N
KeysSN	ddb_data."KeysSN"	fca3e618-7ec8-41a4-8963-f0080347435e	2026-11-29 10:38:52.545602+00	{pk,sk,g}	{S,N,N}	{pk,sk,g}	{"on_demand": true, "billing_shown": true}	CREATING	\N	\N
KeysSB	ddb_data."KeysSB"	96cffa1e-d1f7-4ebf-9372-8ba4f114ed25	2026-11-29 10:38:52.545602+00	{pk,sk,g}	{S,B,B}	{pk,sk,g}	{"on_demand": true, "billing_shown": true}	CREATING	\N	\N
KeysN	ddb_data."KeysN"	622a99c4-b5b6-4fac-94da-a4b71fb185d1	2026-11-29 10:38:52.545602+00	{pk,g}	{N,N}	{pk,g}	{"on_demand": true, "billing_shown": true}	CREATING	\N	\N
KeysNS	ddb_data."KeysNS"	5bcb0450-6fe1-489d-b22b-9ae86305761b	2026-11-29 10:38:52.545602+00	{pk,sk,g}	{N,S,S}	{pk,sk,g}	{"on_demand": true, "billing_shown": true}	CREATING	\N	\N
KeysNN	ddb_data."KeysNN"	b158aee0-9e50-46b9-b950-26b92770aa45	2026-11-29 10:38:52.545602+00	{pk,sk,g}	{N,N,N}	{pk,sk,g}	{"on_demand": true, "billing_shown": true}	CREATING	\N	\N
KeysNB	ddb_data."KeysNB"	6446cacd-926b-4b2d-b8be-521cfb2212b8	2026-11-29 10:38:52.545602+00	{pk,sk,g}	{N,B,B}	{pk,sk,g}	{"on_demand": true, "billing_shown": true}	CREATING	\N	\N
KeysB	ddb_data."KeysB"	7c96352b-f923-4d9c-b81c-08b6c1171ce3	2026-11-29 10:38:52.545602+00	{pk,g}	{B,N}	{pk,g}	{"on_demand": true, "billing_shown": true}	CREATING	\N	\N
KeysBS	ddb_data."KeysBS"	91e467ce-96d7-4ace-8446-2c7f4203b059	2026-11-29 10:38:52.545602+00	{pk,sk,g}	{B,S,S}	{pk,sk,g}	{"on_demand": true, "billing_shown": true}	CREATING	\N	\N
KeysBN	ddb_data."KeysBN"	bf16f828-8a28-4514-8804-57a8a5c5ad3e	2026-11-29 10:38:52.545602+00	{pk,sk,g}	{B,N,N}	{pk,sk,g}	{"on_demand": true, "billing_shown": true}	CREATING	\N	\N
KeysBB	ddb_data."KeysBB"	6ef4ae77-e499-40f3-bf97-f34904088288	2026-11-29 10:38:52.545602+00	{pk,sk,g}	{B,B,B}	{pk,sk,g}	{"on_demand": true, "billing_shown": true}	CREATING	\N	\N
Stream-OLD_IMAGE	ddb_data."Stream-OLD_IMAGE"	ba9038db-f820-4890-b7c7-b9a6c6b8a8c2	2026-11-29 10:38:52.70223+00	{pk}	{S}	{pk}	{"on_demand": true, "on_demand_at": 1795948732.716, "stream_label": "2026-11-29T10:38:52.716", "billing_shown": true}	UPDATING	2026-11-29 10:38:55.306208+00	\N
Music	ddb_data."Music"	2eb99dff-b2d5-45f8-b8fc-ef639a4c173e	2026-11-29 10:38:52.651919+00	{Artist,SongTitle,Genre,Year,Label}	{S,S,S,N,S}	{Artist,SongTitle,Genre,Year,Label}	{"read": 5.000, "write": 4.000, "protected": true, "table_class": "STANDARD_INFREQUENT_ACCESS"}	CREATING	\N	expires
LongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLong	ddb_data."LongLongLongLongLongLongLongLongLongLongLongLo:c70dbcc7907c3b40"	5ca1adf8-d26e-427a-abd6-ab87988f234f	2026-11-29 10:38:52.672132+00	{kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk,item,ctid,spare:1}	{S,N,B,S}	{kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk:0cfc752b8bd78350,key:item,key:ctid,key:spare:1}	{"on_demand": true, "billing_shown": true}	CREATING	\N	\N
a.b-C_d	ddb_data."a.b-C_d"	a09b35c9-1774-497c-9750-2d436cd5d843	2026-11-29 10:38:52.687225+00	{id}	{S}	{id}	{"on_demand": true, "billing_shown": true}	CREATING	\N	\N
Counter	ddb_data."Counter"	b693d5a9-ea69-4564-acec-5430d30d2444	2026-11-29 10:38:52.694922+00	{id}	{S}	{id}	{"on_demand": true, "billing_shown": true}	CREATING	\N	\N
Stream-NEW_IMAGE	ddb_data."Stream-NEW_IMAGE"	42e3d307-4cb2-4dc4-85f6-66328b87eed6	2026-11-29 10:38:52.70223+00	{pk}	{S}	{pk}	{"on_demand": true, "stream_view": "NEW_IMAGE", "on_demand_at": 1795948732.709, "stream_label": "2026-11-29T10:38:52.709", "billing_shown": true}	CREATING	\N	\N
Stream-NEW_AND_OLD_IMAGES	ddb_data."Stream-NEW_AND_OLD_IMAGES"	59647832-497e-4738-b1ab-ab2e9ccdcad9	2026-11-29 10:38:52.70223+00	{pk}	{S}	{pk}	{"on_demand": true, "stream_view": "NEW_AND_OLD_IMAGES", "on_demand_at": 1795948732.722, "stream_label": "2026-11-29T10:38:52.722", "billing_shown": true}	CREATING	\N	\N
Stream-KEYS_ONLY	ddb_data."Stream-KEYS_ONLY"	93e48e58-aa96-41b3-b6ff-bc0a94a076b4	2026-11-29 10:38:52.70223+00	{pk}	{S}	{pk}	{"on_demand": true, "stream_view": "KEYS_ONLY", "on_demand_at": 1795948732.702, "stream_label": "2026-11-29T10:38:52.702", "billing_shown": true}	CREATING	\N	\N
\.
COPY ddb.indexes (table_name, index_name, relname, kind, partition_key, sort_key, projection, included, settings, status, fill) FROM stdin;
KeysS		KeysS:primary	primary	{pk}	{}	ALL	{}	{}	ACTIVE	\N
KeysS	by_g	KeysS:by_g	global	{g}	{}	ALL	{}	{}	ACTIVE	\N
KeysSS		KeysSS:primary	primary	{pk}	{sk}	ALL	{}	{}	ACTIVE	\N
KeysSS	by_g	KeysSS:by_g	global	{g}	{}	ALL	{}	{}	ACTIVE	\N
KeysSN		KeysSN:primary	primary	{pk}	{sk}	ALL	{}	{}	ACTIVE	\N
KeysSN	by_g	KeysSN:by_g	global	{g}	{}	ALL	{}	{}	ACTIVE	\N
KeysSB		KeysSB:primary	primary	{pk}	{sk}	ALL	{}	{}	ACTIVE	\N
KeysSB	by_g	KeysSB:by_g	global	{g}	{}	ALL	{}	{}	ACTIVE	\N
KeysN		KeysN:primary	primary	{pk}	{}	ALL	{}	{}	ACTIVE	\N
KeysN	by_g	KeysN:by_g	global	{g}	{}	ALL	{}	{}	ACTIVE	\N
KeysNS		KeysNS:primary	primary	{pk}	{sk}	ALL	{}	{}	ACTIVE	\N
KeysNS	by_g	KeysNS:by_g	global	{g}	{}	ALL	{}	{}	ACTIVE	\N
KeysNN		KeysNN:primary	primary	{pk}	{sk}	ALL	{}	{}	ACTIVE	\N
KeysNN	by_g	KeysNN:by_g	global	{g}	{}	ALL	{}	{}	ACTIVE	\N
KeysNB		KeysNB:primary	primary	{pk}	{sk}	ALL	{}	{}	ACTIVE	\N
KeysNB	by_g	KeysNB:by_g	global	{g}	{}	ALL	{}	{}	ACTIVE	\N
KeysB		KeysB:primary	primary	{pk}	{}	ALL	{}	{}	ACTIVE	\N
KeysB	by_g	KeysB:by_g	global	{g}	{}	ALL	{}	{}	ACTIVE	\N
KeysBS		KeysBS:primary	primary	{pk}	{sk}	ALL	{}	{}	ACTIVE	\N
KeysBS	by_g	KeysBS:by_g	global	{g}	{}	ALL	{}	{}	ACTIVE	\N
KeysBN		KeysBN:primary	primary	{pk}	{sk}	ALL	{}	{}	ACTIVE	\N
KeysBN	by_g	KeysBN:by_g	global	{g}	{}	ALL	{}	{}	ACTIVE	\N
KeysBB		KeysBB:primary	primary	{pk}	{sk}	ALL	{}	{}	ACTIVE	\N
KeysBB	by_g	KeysBB:by_g	global	{g}	{}	ALL	{}	{}	ACTIVE	\N
Music		Music:primary	primary	{Artist}	{SongTitle}	ALL	{}	{}	ACTIVE	\N
Music	by_year	Music:by_year	local	{Artist}	{Year}	INCLUDE	{Label}	{}	ACTIVE	\N
Music	by_genre	Music:by_genre	global	{Genre}	{Year}	KEYS_ONLY	{}	{"read": 3.000, "write": 2.000}	ACTIVE	\N
Music	by_parts	Music:by_parts	global	{Genre,Label}	{Year,Artist}	ALL	{}	{}	ACTIVE	\N
LongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLong		LongLongLongLongLongLongLongLongLongLongLongLo:d80a07d65d55b411	primary	{kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk}	{item}	ALL	{}	{}	ACTIVE	\N
LongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLong	IIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIII	LongLongLongLongLongLongLongLongLongLongLongLo:78a4b3c16305962e	global	{ctid}	{spare:1}	ALL	{}	{}	ACTIVE	\N
a.b-C_d		a.b-C_d:primary	primary	{id}	{}	ALL	{}	{}	ACTIVE	\N
Counter		Counter:primary	primary	{id}	{}	ALL	{}	{}	ACTIVE	\N
Stream-KEYS_ONLY		Stream-KEYS_ONLY:primary	primary	{pk}	{}	ALL	{}	{}	ACTIVE	\N
Stream-NEW_IMAGE		Stream-NEW_IMAGE:primary	primary	{pk}	{}	ALL	{}	{}	ACTIVE	\N
Stream-OLD_IMAGE		Stream-OLD_IMAGE:primary	primary	{pk}	{}	ALL	{}	{}	ACTIVE	\N
Stream-NEW_AND_OLD_IMAGES		Stream-NEW_AND_OLD_IMAGES:primary	primary	{pk}	{}	ALL	{}	{}	ACTIVE	\N
\.
COPY ddb.tags (table_name, tag_key, tag_value) FROM stdin;
Music	team	records
Music	stage	
KeysS	k	v
\.
COPY ddb.trigger_failures (trigger_id, sequence_number, trigger_name, table_name, owner, record, error, attempts, failed_at) FROM stdin;
72c844d2-b5f5-411b-a4eb-cc5a4a566ebc	100000000000333799760000000002	taker	Stream-NEW_AND_OLD_IMAGES	upgrade_root	{"eventID": "ce0e99a71506207346e224416dc2820f", "dynamodb": {"Keys": {"pk": {"S": "bad"}}, "NewImage": {"v": {"N": "1"}, "pk": {"S": "bad"}}, "SizeBytes": 13, "SequenceNumber": "100000000000333799760000000002", "StreamViewType": "NEW_AND_OLD_IMAGES", "ApproximateCreationDateTime": 1795948732}, "awsRegion": "us-east-1", "eventName": "INSERT", "eventSource": "aws:dynamodb", "eventVersion": "1.1", "eventSourceARN": "arn:aws:dynamodb:us-east-1:000000000000:table/Stream-NEW_AND_OLD_IMAGES/stream/2026-11-29T10:38:52.722"}	no good\nCONTEXT: PL/pgSQL function take(jsonb) line 5 at RAISE	1	2026-11-29 10:38:54.26973+00
\.
COPY ddb.triggers (trigger_name, trigger_id, table_name, function_schema, function_name, function_owner, owner, batch_size, starting_position, filter, max_retries, on_failure, enabled, created_at) FROM stdin;
taker	72c844d2-b5f5-411b-a4eb-cc5a4a566ebc	Stream-NEW_AND_OLD_IMAGES	public	take	upgrade_root	upgrade_root	100	LATEST	\N	0	dead_letter	t	2026-11-29 10:38:52.839024+00
chooser	9955934f-44f7-4306-9114-a5b790f940fb	Stream-NEW_AND_OLD_IMAGES	public	take	upgrade_root	upgrade_root	3	TRIM_HORIZON	{"eventName": ["REMOVE"]}	10	stop	t	2026-11-29 10:38:52.840621+00
sleeper	d4be719f-defb-4ad0-a5e0-3a018d210fbb	Stream-KEYS_ONLY	public	take	upgrade_root	upgrade_root	100	LATEST	\N	0	skip	f	2026-11-29 10:38:52.841203+00
\.
COPY ddb_data."Counter" (id, item) FROM stdin;
c	{"n": {"N": "1"}, "id": {"S": "c"}}
\.
COPY ddb_data."KeysB" (pk, g, item) FROM stdin;
\\xff01	\N	{"pk": {"B": "/wE="}, "sk": {"S": "key 1"}}
\\xff02	0	{"g": {"N": "0"}, "pk": {"B": "/wI="}, "sk": {"S": "key 2"}}
\\xff03	\N	{"pk": {"B": "/wM="}, "sk": {"S": "key 3"}}
\\xff04	3	{"g": {"N": "3"}, "pk": {"B": "/wQ="}, "sk": {"S": "key 4"}}
\.
COPY ddb_data."KeysBB" (pk, sk, g, item) FROM stdin;
\\xff01	\\xff01	\N	{"pk": {"B": "/wE="}, "sk": {"B": "/wE="}}
\\xff00	\\xff02	\\xff02	{"g": {"B": "/wI="}, "pk": {"B": "/wA="}, "sk": {"B": "/wI="}}
\\xff01	\\xff03	\N	{"pk": {"B": "/wE="}, "sk": {"B": "/wM="}}
\\xff00	\\xff04	\\xff04	{"g": {"B": "/wQ="}, "pk": {"B": "/wA="}, "sk": {"B": "/wQ="}}
\.
COPY ddb_data."KeysBN" (pk, sk, g, item) FROM stdin;
\\xff01	-1.5	\N	{"pk": {"B": "/wE="}, "sk": {"N": "-1.5"}}
\\xff00	0	0	{"g": {"N": "0"}, "pk": {"B": "/wA="}, "sk": {"N": "0"}}
\\xff01	1.5	\N	{"pk": {"B": "/wE="}, "sk": {"N": "1.5"}}
\\xff00	3	3	{"g": {"N": "3"}, "pk": {"B": "/wA="}, "sk": {"N": "3"}}
\.
COPY ddb_data."KeysBS" (pk, sk, g, item) FROM stdin;
\\xff01	key 1	\N	{"pk": {"B": "/wE="}, "sk": {"S": "key 1"}}
\\xff00	key 2	key 2	{"g": {"S": "key 2"}, "pk": {"B": "/wA="}, "sk": {"S": "key 2"}}
\\xff01	key 3	\N	{"pk": {"B": "/wE="}, "sk": {"S": "key 3"}}
\\xff00	key 4	key 4	{"g": {"S": "key 4"}, "pk": {"B": "/wA="}, "sk": {"S": "key 4"}}
\.
COPY ddb_data."KeysN" (pk, g, item) FROM stdin;
-1.5	\N	{"pk": {"N": "-1.5"}, "sk": {"S": "key 1"}}
0	0	{"g": {"N": "0"}, "pk": {"N": "0"}, "sk": {"S": "key 2"}}
1.5	\N	{"pk": {"N": "1.5"}, "sk": {"S": "key 3"}}
3	3	{"g": {"N": "3"}, "pk": {"N": "3"}, "sk": {"S": "key 4"}}
\.
COPY ddb_data."KeysNB" (pk, sk, g, item) FROM stdin;
-1.5	\\xff01	\N	{"pk": {"N": "-1.5"}, "sk": {"B": "/wE="}}
-3	\\xff02	\\xff02	{"g": {"B": "/wI="}, "pk": {"N": "-3"}, "sk": {"B": "/wI="}}
-1.5	\\xff03	\N	{"pk": {"N": "-1.5"}, "sk": {"B": "/wM="}}
-3	\\xff04	\\xff04	{"g": {"B": "/wQ="}, "pk": {"N": "-3"}, "sk": {"B": "/wQ="}}
\.
COPY ddb_data."KeysNN" (pk, sk, g, item) FROM stdin;
-1.5	-1.5	\N	{"pk": {"N": "-1.5"}, "sk": {"N": "-1.5"}}
-3	0	0	{"g": {"N": "0"}, "pk": {"N": "-3"}, "sk": {"N": "0"}}
-1.5	1.5	\N	{"pk": {"N": "-1.5"}, "sk": {"N": "1.5"}}
-3	3	3	{"g": {"N": "3"}, "pk": {"N": "-3"}, "sk": {"N": "3"}}
\.
COPY ddb_data."KeysNS" (pk, sk, g, item) FROM stdin;
-1.5	key 1	\N	{"pk": {"N": "-1.5"}, "sk": {"S": "key 1"}}
-3	key 2	key 2	{"g": {"S": "key 2"}, "pk": {"N": "-3"}, "sk": {"S": "key 2"}}
-1.5	key 3	\N	{"pk": {"N": "-1.5"}, "sk": {"S": "key 3"}}
-3	key 4	key 4	{"g": {"S": "key 4"}, "pk": {"N": "-3"}, "sk": {"S": "key 4"}}
\.
COPY ddb_data."KeysS" (pk, g, item) FROM stdin;
key 1	\N	{"pk": {"S": "key 1"}, "sk": {"S": "key 1"}}
key 2	0	{"g": {"N": "0"}, "pk": {"S": "key 2"}, "sk": {"S": "key 2"}}
key 3	\N	{"pk": {"S": "key 3"}, "sk": {"S": "key 3"}}
key 4	3	{"g": {"N": "3"}, "pk": {"S": "key 4"}, "sk": {"S": "key 4"}}
all	\N	{"pk": {"S": "all"}, "all": {"M": {"0": {"NULL": true}, "b": {"B": "AAEC"}, "l": {"L": [{"N": "1"}, {"S": "é"}]}, "n": {"N": "-0.0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000001"}, "s": {"S": ""}, "t": {"BOOL": true}, "bs": {"BS": ["/w==", "AA=="]}, "ns": {"NS": ["2", "10"]}, "ss": {"SS": ["b", "a"]}}}}
\.
COPY ddb_data."KeysSB" (pk, sk, g, item) FROM stdin;
key 1	\\xff01	\N	{"pk": {"S": "key 1"}, "sk": {"B": "/wE="}}
key 0	\\xff02	\\xff02	{"g": {"B": "/wI="}, "pk": {"S": "key 0"}, "sk": {"B": "/wI="}}
key 1	\\xff03	\N	{"pk": {"S": "key 1"}, "sk": {"B": "/wM="}}
key 0	\\xff04	\\xff04	{"g": {"B": "/wQ="}, "pk": {"S": "key 0"}, "sk": {"B": "/wQ="}}
\.
COPY ddb_data."KeysSN" (pk, sk, g, item) FROM stdin;
key 1	-1.5	\N	{"pk": {"S": "key 1"}, "sk": {"N": "-1.5"}}
key 0	0	0	{"g": {"N": "0"}, "pk": {"S": "key 0"}, "sk": {"N": "0"}}
key 1	1.5	\N	{"pk": {"S": "key 1"}, "sk": {"N": "1.5"}}
key 0	3	3	{"g": {"N": "3"}, "pk": {"S": "key 0"}, "sk": {"N": "3"}}
\.
COPY ddb_data."KeysSS" (pk, sk, g, item) FROM stdin;
key 1	key 1	\N	{"pk": {"S": "key 1"}, "sk": {"S": "key 1"}}
key 0	key 2	key 2	{"g": {"S": "key 2"}, "pk": {"S": "key 0"}, "sk": {"S": "key 2"}}
key 1	key 3	\N	{"pk": {"S": "key 1"}, "sk": {"S": "key 3"}}
key 0	key 4	key 4	{"g": {"S": "key 4"}, "pk": {"S": "key 0"}, "sk": {"S": "key 4"}}
\.
COPY ddb_data."LongLongLongLongLongLongLongLongLongLongLongLo:c70dbcc7907c3b40" ("kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk:0cfc752b8bd78350", "key:item", "key:ctid", "key:spare:1", item) FROM stdin;
a	1.5	\\xff	s	{"ctid": {"B": "/w=="}, "item": {"N": "1.5"}, "spare:1": {"S": "s"}, "kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk": {"S": "a"}}
\.
COPY ddb_data."Music" ("Artist", "SongTitle", "Genre", "Year", item, "spare:6", "Label") FROM stdin;
A1	T1	G1	1981	{"Year": {"N": "1981"}, "Genre": {"S": "G1"}, "Label": {"S": "L1"}, "Artist": {"S": "A1"}, "expires": {"N": "4102444801"}, "SongTitle": {"S": "T1"}}	\N	L1
A2	T2	G2	1982	{"Year": {"N": "1982"}, "Genre": {"S": "G2"}, "Label": {"S": "L0"}, "Artist": {"S": "A2"}, "expires": {"N": "4102444802"}, "SongTitle": {"S": "T2"}}	\N	L0
A3	T3	G0	1983	{"Year": {"N": "1983"}, "Genre": {"S": "G0"}, "Label": {"S": "L1"}, "Artist": {"S": "A3"}, "expires": {"N": "4102444803"}, "SongTitle": {"S": "T3"}}	\N	L1
A4	T4	G1	1984	{"Year": {"N": "1984"}, "Genre": {"S": "G1"}, "Label": {"S": "L0"}, "Artist": {"S": "A4"}, "expires": {"N": "4102444804"}, "SongTitle": {"S": "T4"}}	\N	L0
A0	T5	G2	1985	{"Year": {"N": "1985"}, "Genre": {"S": "G2"}, "Label": {"S": "L1"}, "Artist": {"S": "A0"}, "expires": {"N": "4102444805"}, "SongTitle": {"S": "T5"}}	\N	L1
A1	T6	G0	1986	{"Year": {"N": "1986"}, "Genre": {"S": "G0"}, "Label": {"S": "L0"}, "Artist": {"S": "A1"}, "expires": {"N": "4102444806"}, "SongTitle": {"S": "T6"}}	\N	L0
A2	T7	G1	1987	{"Year": {"N": "1987"}, "Genre": {"S": "G1"}, "Label": {"S": "L1"}, "Artist": {"S": "A2"}, "expires": {"N": "4102444807"}, "SongTitle": {"S": "T7"}}	\N	L1
A3	T8	G2	1988	{"Year": {"N": "1988"}, "Genre": {"S": "G2"}, "Label": {"S": "L0"}, "Artist": {"S": "A3"}, "expires": {"N": "4102444808"}, "SongTitle": {"S": "T8"}}	\N	L0
A4	T9	G0	1989	{"Year": {"N": "1989"}, "Genre": {"S": "G0"}, "Label": {"S": "L1"}, "Artist": {"S": "A4"}, "expires": {"N": "4102444809"}, "SongTitle": {"S": "T9"}}	\N	L1
A0	T10	G1	1990	{"Year": {"N": "1990"}, "Genre": {"S": "G1"}, "Label": {"S": "L0"}, "Artist": {"S": "A0"}, "expires": {"N": "4102444810"}, "SongTitle": {"S": "T10"}}	\N	L0
A1	T11	G2	1991	{"Year": {"N": "1991"}, "Genre": {"S": "G2"}, "Label": {"S": "L1"}, "Artist": {"S": "A1"}, "expires": {"N": "4102444811"}, "SongTitle": {"S": "T11"}}	\N	L1
A2	T12	G0	1992	{"Year": {"N": "1992"}, "Genre": {"S": "G0"}, "Label": {"S": "L0"}, "Artist": {"S": "A2"}, "expires": {"N": "4102444812"}, "SongTitle": {"S": "T12"}}	\N	L0
A3	T13	G1	1993	{"Year": {"N": "1993"}, "Genre": {"S": "G1"}, "Label": {"S": "L1"}, "Artist": {"S": "A3"}, "expires": {"N": "4102444813"}, "SongTitle": {"S": "T13"}}	\N	L1
A4	T14	G2	1994	{"Year": {"N": "1994"}, "Genre": {"S": "G2"}, "Label": {"S": "L0"}, "Artist": {"S": "A4"}, "expires": {"N": "4102444814"}, "SongTitle": {"S": "T14"}}	\N	L0
A0	T15	G0	1995	{"Year": {"N": "1995"}, "Genre": {"S": "G0"}, "Label": {"S": "L1"}, "Artist": {"S": "A0"}, "expires": {"N": "4102444815"}, "SongTitle": {"S": "T15"}}	\N	L1
A1	T16	G1	1996	{"Year": {"N": "1996"}, "Genre": {"S": "G1"}, "Label": {"S": "L0"}, "Artist": {"S": "A1"}, "expires": {"N": "4102444816"}, "SongTitle": {"S": "T16"}}	\N	L0
A2	T17	G2	1997	{"Year": {"N": "1997"}, "Genre": {"S": "G2"}, "Label": {"S": "L1"}, "Artist": {"S": "A2"}, "expires": {"N": "4102444817"}, "SongTitle": {"S": "T17"}}	\N	L1
A3	T18	G0	1998	{"Year": {"N": "1998"}, "Genre": {"S": "G0"}, "Label": {"S": "L0"}, "Artist": {"S": "A3"}, "expires": {"N": "4102444818"}, "SongTitle": {"S": "T18"}}	\N	L0
A4	T19	G1	1999	{"Year": {"N": "1999"}, "Genre": {"S": "G1"}, "Label": {"S": "L1"}, "Artist": {"S": "A4"}, "expires": {"N": "4102444819"}, "SongTitle": {"S": "T19"}}	\N	L1
A0	T20	G2	2000	{"Year": {"N": "2000"}, "Genre": {"S": "G2"}, "Label": {"S": "L0"}, "Artist": {"S": "A0"}, "expires": {"N": "4102444820"}, "SongTitle": {"S": "T20"}}	\N	L0
sparse	x	\N	\N	{"Artist": {"S": "sparse"}, "SongTitle": {"S": "x"}}	\N	\N
longlonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglong	x	longlonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglong	\N	{"Genre": {"S": "longlonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglong"}, "Artist": {"S": "longlonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglong"}, "SongTitle": {"S": "x"}}	\N	\N
\.
COPY ddb_data."Stream-KEYS_ONLY" (pk, item) FROM stdin;
bad	{"v": {"N": "1"}, "pk": {"S": "bad"}}
c	{"v": {"N": "1"}, "pk": {"S": "c"}}
a	{"v": {"N": "2"}, "pk": {"S": "a"}}
\.
COPY ddb_data."Stream-NEW_AND_OLD_IMAGES" (pk, item) FROM stdin;
bad	{"v": {"N": "1"}, "pk": {"S": "bad"}}
c	{"v": {"N": "1"}, "pk": {"S": "c"}}
a	{"v": {"N": "2"}, "pk": {"S": "a"}}
\.
COPY ddb_data."Stream-NEW_IMAGE" (pk, item) FROM stdin;
bad	{"v": {"N": "1"}, "pk": {"S": "bad"}}
c	{"v": {"N": "1"}, "pk": {"S": "c"}}
a	{"v": {"N": "2"}, "pk": {"S": "a"}}
\.
COPY ddb_data."Stream-OLD_IMAGE" (pk, item) FROM stdin;
bad	{"v": {"N": "1"}, "pk": {"S": "bad"}}
c	{"v": {"N": "1"}, "pk": {"S": "c"}}
a	{"v": {"N": "2"}, "pk": {"S": "a"}}
\.
COPY ddb_data."a.b-C_d" (id, item) FROM stdin;
1	{"id": {"S": "1"}}
\.
COPY public.effect (trigger, event, pk) FROM stdin;
take	REMOVE	b
take	INSERT	a
take	INSERT	b
take	INSERT	c
take	MODIFY	a
take	REMOVE	b
\.
CREATE UNIQUE INDEX "Counter:primary" ON ddb_data."Counter" USING ddb (id ddb.text_partition_ops);
CREATE INDEX "KeysB:by_g" ON ddb_data."KeysB" USING ddb (g ddb.numeric_partition_ops, pk ddb.bytea_partition_ops);
CREATE UNIQUE INDEX "KeysB:primary" ON ddb_data."KeysB" USING ddb (pk ddb.bytea_partition_ops);
CREATE INDEX "KeysBB:by_g" ON ddb_data."KeysBB" USING ddb (g ddb.bytea_partition_ops, pk ddb.bytea_partition_ops, sk ddb.bytea_partition_ops);
CREATE UNIQUE INDEX "KeysBB:primary" ON ddb_data."KeysBB" USING ddb (pk ddb.bytea_partition_ops, sk);
CREATE INDEX "KeysBN:by_g" ON ddb_data."KeysBN" USING ddb (g ddb.numeric_partition_ops, pk ddb.bytea_partition_ops, sk ddb.numeric_partition_ops);
CREATE UNIQUE INDEX "KeysBN:primary" ON ddb_data."KeysBN" USING ddb (pk ddb.bytea_partition_ops, sk);
CREATE INDEX "KeysBS:by_g" ON ddb_data."KeysBS" USING ddb (g ddb.text_partition_ops, pk ddb.bytea_partition_ops, sk ddb.text_partition_ops);
CREATE UNIQUE INDEX "KeysBS:primary" ON ddb_data."KeysBS" USING ddb (pk ddb.bytea_partition_ops, sk);
CREATE INDEX "KeysN:by_g" ON ddb_data."KeysN" USING ddb (g ddb.numeric_partition_ops, pk ddb.numeric_partition_ops);
CREATE UNIQUE INDEX "KeysN:primary" ON ddb_data."KeysN" USING ddb (pk ddb.numeric_partition_ops);
CREATE INDEX "KeysNB:by_g" ON ddb_data."KeysNB" USING ddb (g ddb.bytea_partition_ops, pk ddb.numeric_partition_ops, sk ddb.bytea_partition_ops);
CREATE UNIQUE INDEX "KeysNB:primary" ON ddb_data."KeysNB" USING ddb (pk ddb.numeric_partition_ops, sk);
CREATE INDEX "KeysNN:by_g" ON ddb_data."KeysNN" USING ddb (g ddb.numeric_partition_ops, pk ddb.numeric_partition_ops, sk ddb.numeric_partition_ops);
CREATE UNIQUE INDEX "KeysNN:primary" ON ddb_data."KeysNN" USING ddb (pk ddb.numeric_partition_ops, sk);
CREATE INDEX "KeysNS:by_g" ON ddb_data."KeysNS" USING ddb (g ddb.text_partition_ops, pk ddb.numeric_partition_ops, sk ddb.text_partition_ops);
CREATE UNIQUE INDEX "KeysNS:primary" ON ddb_data."KeysNS" USING ddb (pk ddb.numeric_partition_ops, sk);
CREATE INDEX "KeysS:by_g" ON ddb_data."KeysS" USING ddb (g ddb.numeric_partition_ops, pk ddb.text_partition_ops);
CREATE UNIQUE INDEX "KeysS:primary" ON ddb_data."KeysS" USING ddb (pk ddb.text_partition_ops);
CREATE INDEX "KeysSB:by_g" ON ddb_data."KeysSB" USING ddb (g ddb.bytea_partition_ops, pk ddb.text_partition_ops, sk ddb.bytea_partition_ops);
CREATE UNIQUE INDEX "KeysSB:primary" ON ddb_data."KeysSB" USING ddb (pk ddb.text_partition_ops, sk);
CREATE INDEX "KeysSN:by_g" ON ddb_data."KeysSN" USING ddb (g ddb.numeric_partition_ops, pk ddb.text_partition_ops, sk ddb.numeric_partition_ops);
CREATE UNIQUE INDEX "KeysSN:primary" ON ddb_data."KeysSN" USING ddb (pk ddb.text_partition_ops, sk);
CREATE INDEX "KeysSS:by_g" ON ddb_data."KeysSS" USING ddb (g ddb.text_partition_ops, pk ddb.text_partition_ops, sk ddb.text_partition_ops);
CREATE UNIQUE INDEX "KeysSS:primary" ON ddb_data."KeysSS" USING ddb (pk ddb.text_partition_ops, sk);
CREATE INDEX "LongLongLongLongLongLongLongLongLongLongLongLo:78a4b3c16305962e" ON ddb_data."LongLongLongLongLongLongLongLongLongLongLongLo:c70dbcc7907c3b40" USING ddb ("key:ctid" ddb.bytea_partition_ops, "key:spare:1", "kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk:0cfc752b8bd78350" ddb.text_partition_ops, "key:item" ddb.numeric_partition_ops);
CREATE UNIQUE INDEX "LongLongLongLongLongLongLongLongLongLongLongLo:d80a07d65d55b411" ON ddb_data."LongLongLongLongLongLongLongLongLongLongLongLo:c70dbcc7907c3b40" USING ddb ("kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk:0cfc752b8bd78350" ddb.text_partition_ops, "key:item");
CREATE INDEX "Music:by_genre" ON ddb_data."Music" USING ddb ("Genre" ddb.text_partition_ops, "Year", "Artist" ddb.text_partition_ops, "SongTitle" ddb.text_partition_ops);
CREATE INDEX "Music:by_parts" ON ddb_data."Music" USING ddb ("Genre" ddb.text_partition_ops, "Label" ddb.text_partition_ops, "Year", "Artist", "SongTitle" ddb.text_partition_ops);
CREATE INDEX "Music:by_year" ON ddb_data."Music" USING ddb ("Artist" ddb.text_partition_ops, "Year", "SongTitle" ddb.text_partition_ops);
CREATE UNIQUE INDEX "Music:primary" ON ddb_data."Music" USING ddb ("Artist" ddb.text_partition_ops, "SongTitle");
CREATE UNIQUE INDEX "Stream-KEYS_ONLY:primary" ON ddb_data."Stream-KEYS_ONLY" USING ddb (pk ddb.text_partition_ops);
ALTER TABLE ONLY ddb_data."Stream-KEYS_ONLY" REPLICA IDENTITY USING INDEX "Stream-KEYS_ONLY:primary";
CREATE UNIQUE INDEX "Stream-NEW_AND_OLD_IMAGES:primary" ON ddb_data."Stream-NEW_AND_OLD_IMAGES" USING ddb (pk ddb.text_partition_ops);
CREATE UNIQUE INDEX "Stream-NEW_IMAGE:primary" ON ddb_data."Stream-NEW_IMAGE" USING ddb (pk ddb.text_partition_ops);
ALTER TABLE ONLY ddb_data."Stream-NEW_IMAGE" REPLICA IDENTITY USING INDEX "Stream-NEW_IMAGE:primary";
CREATE UNIQUE INDEX "Stream-OLD_IMAGE:primary" ON ddb_data."Stream-OLD_IMAGE" USING ddb (pk ddb.text_partition_ops);
CREATE UNIQUE INDEX "a.b-C_d:primary" ON ddb_data."a.b-C_d" USING ddb (id ddb.text_partition_ops);
CREATE TRIGGER ddb_item BEFORE INSERT OR UPDATE ON ddb_data."Counter" FOR EACH ROW EXECUTE FUNCTION ddb.item_trigger();
CREATE TRIGGER ddb_item BEFORE INSERT OR UPDATE ON ddb_data."KeysB" FOR EACH ROW EXECUTE FUNCTION ddb.item_trigger();
CREATE TRIGGER ddb_item BEFORE INSERT OR UPDATE ON ddb_data."KeysBB" FOR EACH ROW EXECUTE FUNCTION ddb.item_trigger();
CREATE TRIGGER ddb_item BEFORE INSERT OR UPDATE ON ddb_data."KeysBN" FOR EACH ROW EXECUTE FUNCTION ddb.item_trigger();
CREATE TRIGGER ddb_item BEFORE INSERT OR UPDATE ON ddb_data."KeysBS" FOR EACH ROW EXECUTE FUNCTION ddb.item_trigger();
CREATE TRIGGER ddb_item BEFORE INSERT OR UPDATE ON ddb_data."KeysN" FOR EACH ROW EXECUTE FUNCTION ddb.item_trigger();
CREATE TRIGGER ddb_item BEFORE INSERT OR UPDATE ON ddb_data."KeysNB" FOR EACH ROW EXECUTE FUNCTION ddb.item_trigger();
CREATE TRIGGER ddb_item BEFORE INSERT OR UPDATE ON ddb_data."KeysNN" FOR EACH ROW EXECUTE FUNCTION ddb.item_trigger();
CREATE TRIGGER ddb_item BEFORE INSERT OR UPDATE ON ddb_data."KeysNS" FOR EACH ROW EXECUTE FUNCTION ddb.item_trigger();
CREATE TRIGGER ddb_item BEFORE INSERT OR UPDATE ON ddb_data."KeysS" FOR EACH ROW EXECUTE FUNCTION ddb.item_trigger();
CREATE TRIGGER ddb_item BEFORE INSERT OR UPDATE ON ddb_data."KeysSB" FOR EACH ROW EXECUTE FUNCTION ddb.item_trigger();
CREATE TRIGGER ddb_item BEFORE INSERT OR UPDATE ON ddb_data."KeysSN" FOR EACH ROW EXECUTE FUNCTION ddb.item_trigger();
CREATE TRIGGER ddb_item BEFORE INSERT OR UPDATE ON ddb_data."KeysSS" FOR EACH ROW EXECUTE FUNCTION ddb.item_trigger();
CREATE TRIGGER ddb_item BEFORE INSERT OR UPDATE ON ddb_data."LongLongLongLongLongLongLongLongLongLongLongLo:c70dbcc7907c3b40" FOR EACH ROW EXECUTE FUNCTION ddb.item_trigger();
CREATE TRIGGER ddb_item BEFORE INSERT OR UPDATE ON ddb_data."Music" FOR EACH ROW EXECUTE FUNCTION ddb.item_trigger();
CREATE TRIGGER ddb_item BEFORE INSERT OR UPDATE ON ddb_data."Stream-KEYS_ONLY" FOR EACH ROW EXECUTE FUNCTION ddb.item_trigger();
CREATE TRIGGER ddb_item BEFORE INSERT OR UPDATE ON ddb_data."Stream-NEW_AND_OLD_IMAGES" FOR EACH ROW EXECUTE FUNCTION ddb.item_trigger();
CREATE TRIGGER ddb_item BEFORE INSERT OR UPDATE ON ddb_data."Stream-NEW_IMAGE" FOR EACH ROW EXECUTE FUNCTION ddb.item_trigger();
CREATE TRIGGER ddb_item BEFORE INSERT OR UPDATE ON ddb_data."Stream-OLD_IMAGE" FOR EACH ROW EXECUTE FUNCTION ddb.item_trigger();
CREATE TRIGGER ddb_item BEFORE INSERT OR UPDATE ON ddb_data."a.b-C_d" FOR EACH ROW EXECUTE FUNCTION ddb.item_trigger();
CREATE TRIGGER ddb_truncate BEFORE TRUNCATE ON ddb_data."Counter" FOR EACH STATEMENT EXECUTE FUNCTION ddb.truncate_trigger();
ALTER TABLE ddb_data."Counter" ENABLE ALWAYS TRIGGER ddb_truncate;
CREATE TRIGGER ddb_truncate BEFORE TRUNCATE ON ddb_data."KeysB" FOR EACH STATEMENT EXECUTE FUNCTION ddb.truncate_trigger();
ALTER TABLE ddb_data."KeysB" ENABLE ALWAYS TRIGGER ddb_truncate;
CREATE TRIGGER ddb_truncate BEFORE TRUNCATE ON ddb_data."KeysBB" FOR EACH STATEMENT EXECUTE FUNCTION ddb.truncate_trigger();
ALTER TABLE ddb_data."KeysBB" ENABLE ALWAYS TRIGGER ddb_truncate;
CREATE TRIGGER ddb_truncate BEFORE TRUNCATE ON ddb_data."KeysBN" FOR EACH STATEMENT EXECUTE FUNCTION ddb.truncate_trigger();
ALTER TABLE ddb_data."KeysBN" ENABLE ALWAYS TRIGGER ddb_truncate;
CREATE TRIGGER ddb_truncate BEFORE TRUNCATE ON ddb_data."KeysBS" FOR EACH STATEMENT EXECUTE FUNCTION ddb.truncate_trigger();
ALTER TABLE ddb_data."KeysBS" ENABLE ALWAYS TRIGGER ddb_truncate;
CREATE TRIGGER ddb_truncate BEFORE TRUNCATE ON ddb_data."KeysN" FOR EACH STATEMENT EXECUTE FUNCTION ddb.truncate_trigger();
ALTER TABLE ddb_data."KeysN" ENABLE ALWAYS TRIGGER ddb_truncate;
CREATE TRIGGER ddb_truncate BEFORE TRUNCATE ON ddb_data."KeysNB" FOR EACH STATEMENT EXECUTE FUNCTION ddb.truncate_trigger();
ALTER TABLE ddb_data."KeysNB" ENABLE ALWAYS TRIGGER ddb_truncate;
CREATE TRIGGER ddb_truncate BEFORE TRUNCATE ON ddb_data."KeysNN" FOR EACH STATEMENT EXECUTE FUNCTION ddb.truncate_trigger();
ALTER TABLE ddb_data."KeysNN" ENABLE ALWAYS TRIGGER ddb_truncate;
CREATE TRIGGER ddb_truncate BEFORE TRUNCATE ON ddb_data."KeysNS" FOR EACH STATEMENT EXECUTE FUNCTION ddb.truncate_trigger();
ALTER TABLE ddb_data."KeysNS" ENABLE ALWAYS TRIGGER ddb_truncate;
CREATE TRIGGER ddb_truncate BEFORE TRUNCATE ON ddb_data."KeysS" FOR EACH STATEMENT EXECUTE FUNCTION ddb.truncate_trigger();
ALTER TABLE ddb_data."KeysS" ENABLE ALWAYS TRIGGER ddb_truncate;
CREATE TRIGGER ddb_truncate BEFORE TRUNCATE ON ddb_data."KeysSB" FOR EACH STATEMENT EXECUTE FUNCTION ddb.truncate_trigger();
ALTER TABLE ddb_data."KeysSB" ENABLE ALWAYS TRIGGER ddb_truncate;
CREATE TRIGGER ddb_truncate BEFORE TRUNCATE ON ddb_data."KeysSN" FOR EACH STATEMENT EXECUTE FUNCTION ddb.truncate_trigger();
ALTER TABLE ddb_data."KeysSN" ENABLE ALWAYS TRIGGER ddb_truncate;
CREATE TRIGGER ddb_truncate BEFORE TRUNCATE ON ddb_data."KeysSS" FOR EACH STATEMENT EXECUTE FUNCTION ddb.truncate_trigger();
ALTER TABLE ddb_data."KeysSS" ENABLE ALWAYS TRIGGER ddb_truncate;
CREATE TRIGGER ddb_truncate BEFORE TRUNCATE ON ddb_data."LongLongLongLongLongLongLongLongLongLongLongLo:c70dbcc7907c3b40" FOR EACH STATEMENT EXECUTE FUNCTION ddb.truncate_trigger();
ALTER TABLE ddb_data."LongLongLongLongLongLongLongLongLongLongLongLo:c70dbcc7907c3b40" ENABLE ALWAYS TRIGGER ddb_truncate;
CREATE TRIGGER ddb_truncate BEFORE TRUNCATE ON ddb_data."Music" FOR EACH STATEMENT EXECUTE FUNCTION ddb.truncate_trigger();
ALTER TABLE ddb_data."Music" ENABLE ALWAYS TRIGGER ddb_truncate;
CREATE TRIGGER ddb_truncate BEFORE TRUNCATE ON ddb_data."Stream-KEYS_ONLY" FOR EACH STATEMENT EXECUTE FUNCTION ddb.truncate_trigger();
ALTER TABLE ddb_data."Stream-KEYS_ONLY" ENABLE ALWAYS TRIGGER ddb_truncate;
CREATE TRIGGER ddb_truncate BEFORE TRUNCATE ON ddb_data."Stream-NEW_AND_OLD_IMAGES" FOR EACH STATEMENT EXECUTE FUNCTION ddb.truncate_trigger();
ALTER TABLE ddb_data."Stream-NEW_AND_OLD_IMAGES" ENABLE ALWAYS TRIGGER ddb_truncate;
CREATE TRIGGER ddb_truncate BEFORE TRUNCATE ON ddb_data."Stream-NEW_IMAGE" FOR EACH STATEMENT EXECUTE FUNCTION ddb.truncate_trigger();
ALTER TABLE ddb_data."Stream-NEW_IMAGE" ENABLE ALWAYS TRIGGER ddb_truncate;
CREATE TRIGGER ddb_truncate BEFORE TRUNCATE ON ddb_data."Stream-OLD_IMAGE" FOR EACH STATEMENT EXECUTE FUNCTION ddb.truncate_trigger();
ALTER TABLE ddb_data."Stream-OLD_IMAGE" ENABLE ALWAYS TRIGGER ddb_truncate;
CREATE TRIGGER ddb_truncate BEFORE TRUNCATE ON ddb_data."a.b-C_d" FOR EACH STATEMENT EXECUTE FUNCTION ddb.truncate_trigger();
ALTER TABLE ddb_data."a.b-C_d" ENABLE ALWAYS TRIGGER ddb_truncate;
GRANT CREATE ON SCHEMA ddb_data TO upgrade_maker;
GRANT SELECT ON TABLE ddb_data."a.b-C_d" TO upgrade_reader;
INSERT INTO ddb.streams (stream_id, table_name, stream_label, relid, owner, view_type, key_attributes, key_columns, created_at, disabled_at, captured_at, closed_at, failure) OVERRIDING SYSTEM VALUE VALUES ('1', 'Stream-KEYS_ONLY', '2026-11-29T10:38:52.702', 'ddb_data."Stream-KEYS_ONLY"', 'upgrade_root'::regrole, 'KEYS_ONLY', '{pk}', '{pk}', '2026-11-29 10:38:52.70223+00', NULL, '2026-11-29 10:38:52.747551+00', NULL, NULL);
INSERT INTO ddb.streams (stream_id, table_name, stream_label, relid, owner, view_type, key_attributes, key_columns, created_at, disabled_at, captured_at, closed_at, failure) OVERRIDING SYSTEM VALUE VALUES ('2', 'Stream-NEW_IMAGE', '2026-11-29T10:38:52.709', 'ddb_data."Stream-NEW_IMAGE"', 'upgrade_root'::regrole, 'NEW_IMAGE', '{pk}', '{pk}', '2026-11-29 10:38:52.70223+00', NULL, '2026-11-29 10:38:52.747586+00', NULL, NULL);
INSERT INTO ddb.streams (stream_id, table_name, stream_label, relid, owner, view_type, key_attributes, key_columns, created_at, disabled_at, captured_at, closed_at, failure) OVERRIDING SYSTEM VALUE VALUES ('3', 'Stream-OLD_IMAGE', '2026-11-29T10:38:52.716', 'ddb_data."Stream-OLD_IMAGE"', 'upgrade_root'::regrole, 'OLD_IMAGE', '{pk}', '{pk}', '2026-11-29 10:38:52.70223+00', '2026-11-29 10:38:55.306575+00', '2026-11-29 10:38:52.747591+00', '2026-11-29 10:38:56.325898+00', NULL);
INSERT INTO ddb.streams (stream_id, table_name, stream_label, relid, owner, view_type, key_attributes, key_columns, created_at, disabled_at, captured_at, closed_at, failure) OVERRIDING SYSTEM VALUE VALUES ('4', 'Stream-NEW_AND_OLD_IMAGES', '2026-11-29T10:38:52.722', 'ddb_data."Stream-NEW_AND_OLD_IMAGES"', 'upgrade_root'::regrole, 'NEW_AND_OLD_IMAGES', '{pk}', '{pk}', '2026-11-29 10:38:52.70223+00', NULL, '2026-11-29 10:38:52.747598+00', NULL, NULL);
SELECT pg_catalog.setval('ddb.streams_stream_id_seq', '4');
SELECT pg_catalog.setval('ddb.stream_epochs', '1');
CREATE TABLE ddb.stream_records_1 (LIKE ddb.stream_records INCLUDING COMPRESSION INCLUDING INDEXES INCLUDING STORAGE) WITH (autovacuum_enabled = off, toast.autovacuum_enabled = off);
ALTER TABLE ddb.stream_records ATTACH PARTITION ddb.stream_records_1 FOR VALUES IN (1);
ALTER EXTENSION ddb ADD TABLE ddb.stream_records_1;
INSERT INTO ddb.stream_records VALUES ('1', '1', '0/1FD45F8', '0', 'I', '2026-11-29 10:38:52.84648+00', '{"pk": {"S": "a"}}', NULL, NULL);
INSERT INTO ddb.stream_records VALUES ('1', '1', '0/1FD45F8', '1', 'I', '2026-11-29 10:38:52.84648+00', '{"pk": {"S": "b"}}', NULL, NULL);
INSERT INTO ddb.stream_records VALUES ('1', '1', '0/1FD45F8', '2', 'I', '2026-11-29 10:38:52.84648+00', '{"pk": {"S": "bad"}}', NULL, NULL);
INSERT INTO ddb.stream_records VALUES ('1', '1', '0/1FD45F8', '3', 'I', '2026-11-29 10:38:52.84648+00', '{"pk": {"S": "c"}}', NULL, NULL);
INSERT INTO ddb.stream_records VALUES ('1', '1', '0/1FD45F8', '4', 'M', '2026-11-29 10:38:52.84648+00', '{"pk": {"S": "a"}}', NULL, NULL);
INSERT INTO ddb.stream_records VALUES ('1', '1', '0/1FD45F8', '5', 'R', '2026-11-29 10:38:52.84648+00', '{"pk": {"S": "b"}}', NULL, NULL);
INSERT INTO ddb.stream_records VALUES ('1', '2', '0/1FD4AD0', '0', 'I', '2026-11-29 10:38:52.847051+00', NULL, '{"v": {"N": "1"}, "pk": {"S": "a"}}', NULL);
INSERT INTO ddb.stream_records VALUES ('1', '2', '0/1FD4AD0', '1', 'I', '2026-11-29 10:38:52.847051+00', NULL, '{"v": {"N": "1"}, "pk": {"S": "b"}}', NULL);
INSERT INTO ddb.stream_records VALUES ('1', '2', '0/1FD4AD0', '2', 'I', '2026-11-29 10:38:52.847051+00', NULL, '{"v": {"N": "1"}, "pk": {"S": "bad"}}', NULL);
INSERT INTO ddb.stream_records VALUES ('1', '2', '0/1FD4AD0', '3', 'I', '2026-11-29 10:38:52.847051+00', NULL, '{"v": {"N": "1"}, "pk": {"S": "c"}}', NULL);
INSERT INTO ddb.stream_records VALUES ('1', '2', '0/1FD4AD0', '4', 'M', '2026-11-29 10:38:52.847051+00', NULL, '{"v": {"N": "2"}, "pk": {"S": "a"}}', NULL);
INSERT INTO ddb.stream_records VALUES ('1', '2', '0/1FD4AD0', '5', 'R', '2026-11-29 10:38:52.847051+00', '{"pk": {"S": "b"}}', NULL, NULL);
INSERT INTO ddb.stream_records VALUES ('1', '3', '0/1FD5020', '0', 'I', '2026-11-29 10:38:52.847542+00', '{"pk": {"S": "a"}}', NULL, NULL);
INSERT INTO ddb.stream_records VALUES ('1', '3', '0/1FD5020', '1', 'I', '2026-11-29 10:38:52.847542+00', '{"pk": {"S": "b"}}', NULL, NULL);
INSERT INTO ddb.stream_records VALUES ('1', '3', '0/1FD5020', '2', 'I', '2026-11-29 10:38:52.847542+00', '{"pk": {"S": "bad"}}', NULL, NULL);
INSERT INTO ddb.stream_records VALUES ('1', '3', '0/1FD5020', '3', 'I', '2026-11-29 10:38:52.847542+00', '{"pk": {"S": "c"}}', NULL, NULL);
INSERT INTO ddb.stream_records VALUES ('1', '3', '0/1FD5020', '4', 'M', '2026-11-29 10:38:52.847542+00', NULL, NULL, '{"v": {"N": "1"}, "pk": {"S": "a"}}');
INSERT INTO ddb.stream_records VALUES ('1', '3', '0/1FD5020', '5', 'R', '2026-11-29 10:38:52.847542+00', NULL, NULL, '{"v": {"N": "1"}, "pk": {"S": "b"}}');
INSERT INTO ddb.stream_records VALUES ('1', '4', '0/1FD5688', '0', 'I', '2026-11-29 10:38:52.851553+00', NULL, '{"v": {"N": "1"}, "pk": {"S": "a"}}', NULL);
INSERT INTO ddb.stream_records VALUES ('1', '4', '0/1FD5688', '1', 'I', '2026-11-29 10:38:52.851553+00', NULL, '{"v": {"N": "1"}, "pk": {"S": "b"}}', NULL);
INSERT INTO ddb.stream_records VALUES ('1', '4', '0/1FD5688', '2', 'I', '2026-11-29 10:38:52.851553+00', NULL, '{"v": {"N": "1"}, "pk": {"S": "bad"}}', NULL);
INSERT INTO ddb.stream_records VALUES ('1', '4', '0/1FD5688', '3', 'I', '2026-11-29 10:38:52.851553+00', NULL, '{"v": {"N": "1"}, "pk": {"S": "c"}}', NULL);
INSERT INTO ddb.stream_records VALUES ('1', '4', '0/1FD5688', '4', 'M', '2026-11-29 10:38:52.851553+00', NULL, '{"v": {"N": "2"}, "pk": {"S": "a"}}', '{"v": {"N": "1"}, "pk": {"S": "a"}}');
INSERT INTO ddb.stream_records VALUES ('1', '4', '0/1FD5688', '5', 'R', '2026-11-29 10:38:52.851553+00', NULL, NULL, '{"v": {"N": "1"}, "pk": {"S": "b"}}');
INSERT INTO ddb.stream_shards VALUES ('1', '1', '0/1FC4F88', NULL, NULL, '2026-11-29 10:38:52.747196+00', NULL);
INSERT INTO ddb.stream_shards VALUES ('2', '1', '0/1FC4F88', NULL, NULL, '2026-11-29 10:38:52.74729+00', NULL);
INSERT INTO ddb.stream_shards VALUES ('3', '1', '0/1FC4F88', '0/1FD8450', '2147483647', '2026-11-29 10:38:52.747296+00', '2026-11-29 10:38:56.325793+00');
INSERT INTO ddb.stream_shards VALUES ('4', '1', '0/1FC4F88', NULL, NULL, '2026-11-29 10:38:52.7473+00', NULL);
INSERT INTO ddb.capture VALUES (true, 'ddb_16798', '0/1FD57A0', '1', '2026-11-29 10:38:52.746392+00');
INSERT INTO ddb.trigger_states VALUES ('72c844d2-b5f5-411b-a4eb-cc5a4a566ebc', '4', '1', '0/1FD5688', '5', 'false', 'false', '0', '0', '0', NULL, '5', '0', '1', '2', '0', 'no good
CONTEXT: PL/pgSQL function take(jsonb) line 5 at RAISE', '2026-11-29T10:38:54.269975+00:00', '2026-11-29T10:38:55.277823+00:00');
INSERT INTO ddb.trigger_states VALUES ('9955934f-44f7-4306-9114-a5b790f940fb', '4', '1', '0/1FD5688', '5', 'false', 'false', '0', '0', '0', NULL, '1', '5', '0', '0', '0', NULL, NULL, '2026-11-29T10:38:53.262242+00:00');
INSERT INTO ddb.trigger_states VALUES ('d4be719f-defb-4ad0-a5e0-3a018d210fbb', '1', NULL, '0/1FD3737', '2147483647', 'false', 'false', '0', '0', '0', NULL, '0', '0', '0', '0', '0', NULL, NULL, NULL);
INSERT INTO ddb.transactions VALUES ('upgrade_root'::regrole, 'token', E'\\xa7521e89b787a9b44051bceff6929f29e8ecf36c65d76084b0e7f88b523345ce', '{}', '2026-11-29 10:38:52.701913+00');
INSERT INTO ddb.ttl_progress VALUES ('ddb_data."Music"'::regclass, pg_catalog.pg_relation_filenode('ddb_data."Music"'), '1', '2026-11-29 10:38:55.680577+00', '2026-11-29 10:38:55.681333+00', '0', '2026-11-29 10:38:52.682682+00', NULL);
UPDATE ddb.transactions SET created_at = created_at + (now() - '2026-11-29 10:38:56.474938+00');
UPDATE ddb.stream_records SET committed_at = committed_at + (now() - '2026-11-29 10:38:56.474938+00');
UPDATE ddb.stream_shards SET created_at = created_at + (now() - '2026-11-29 10:38:56.474938+00'), closed_at = closed_at + (now() - '2026-11-29 10:38:56.474938+00');
UPDATE ddb.streams SET created_at = created_at + (now() - '2026-11-29 10:38:56.474938+00'), disabled_at = disabled_at + (now() - '2026-11-29 10:38:56.474938+00'),
  captured_at = captured_at + (now() - '2026-11-29 10:38:56.474938+00'), closed_at = closed_at + (now() - '2026-11-29 10:38:56.474938+00');
UPDATE ddb.capture SET epoch_since = epoch_since + (now() - '2026-11-29 10:38:56.474938+00');
