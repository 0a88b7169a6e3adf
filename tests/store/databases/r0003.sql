BEGIN TRANSACTION;
CREATE TABLE asset (
	workspace TEXT NOT NULL, 
	digest TEXT NOT NULL, 
	name TEXT NOT NULL, 
	media_type TEXT NOT NULL, 
	size_bytes BIGINT NOT NULL, 
	created_ms BIGINT NOT NULL, 
	used_ms BIGINT NOT NULL, 
	PRIMARY KEY (workspace, digest), 
	FOREIGN KEY(workspace) REFERENCES workspace (name)
);
INSERT INTO "asset" VALUES('acme','0000000000000000000000000000000000000000000000000000000000000000','0.bin','application/octet-stream',0,1000000,1000000);
INSERT INTO "asset" VALUES('acme','0000000000000000000000000000000000000000000000000000000000000001','1.bin','application/octet-stream',1,1000000,1000000);
INSERT INTO "asset" VALUES('acme','0000000000000000000000000000000000000000000000000000000000000002','2.bin','application/octet-stream',2,1000000,1000000);
INSERT INTO "asset" VALUES('acme','0000000000000000000000000000000000000000000000000000000000000003','3.bin','application/octet-stream',3,1000000,1000000);
INSERT INTO "asset" VALUES('acme','0000000000000000000000000000000000000000000000000000000000000004','4.bin','application/octet-stream',4,1000000,1000000);
INSERT INTO "asset" VALUES('acme','0000000000000000000000000000000000000000000000000000000000000005','5.bin','application/octet-stream',5,1000000,1000000);
INSERT INTO "asset" VALUES('acme','0000000000000000000000000000000000000000000000000000000000000006','6.bin','application/octet-stream',6,1000000,1000000);
INSERT INTO "asset" VALUES('acme','0000000000000000000000000000000000000000000000000000000000000007','7.bin','application/octet-stream',7,1000000,1000000);
INSERT INTO "asset" VALUES('acme','0000000000000000000000000000000000000000000000000000000000000008','8.bin','application/octet-stream',8,1000000,1000000);
INSERT INTO "asset" VALUES('acme','0000000000000000000000000000000000000000000000000000000000000009','9.bin','application/octet-stream',9,1000000,1000000);
INSERT INTO "asset" VALUES('other','0000000000000000000000000000000000000000000000000000000000000000','0.bin','application/octet-stream',0,1000000,1000000);
INSERT INTO "asset" VALUES('other','0000000000000000000000000000000000000000000000000000000000000001','1.bin','application/octet-stream',1,1000000,1000000);
INSERT INTO "asset" VALUES('other','0000000000000000000000000000000000000000000000000000000000000002','2.bin','application/octet-stream',2,1000000,1000000);
INSERT INTO "asset" VALUES('other','0000000000000000000000000000000000000000000000000000000000000003','3.bin','application/octet-stream',3,1000000,1000000);
INSERT INTO "asset" VALUES('other','0000000000000000000000000000000000000000000000000000000000000004','4.bin','application/octet-stream',4,1000000,1000000);
INSERT INTO "asset" VALUES('other','0000000000000000000000000000000000000000000000000000000000000005','5.bin','application/octet-stream',5,1000000,1000000);
INSERT INTO "asset" VALUES('other','0000000000000000000000000000000000000000000000000000000000000006','6.bin','application/octet-stream',6,1000000,1000000);
INSERT INTO "asset" VALUES('other','0000000000000000000000000000000000000000000000000000000000000007','7.bin','application/octet-stream',7,1000000,1000000);
INSERT INTO "asset" VALUES('other','0000000000000000000000000000000000000000000000000000000000000008','8.bin','application/octet-stream',8,1000000,1000000);
INSERT INTO "asset" VALUES('other','0000000000000000000000000000000000000000000000000000000000000009','9.bin','application/octet-stream',9,1000000,1000000);
CREATE TABLE avatar (
	workspace TEXT NOT NULL, 
	name TEXT NOT NULL, 
	job TEXT NOT NULL, 
	created_ms BIGINT NOT NULL, 
	PRIMARY KEY (workspace, name), 
	FOREIGN KEY(workspace) REFERENCES workspace (name), 
	FOREIGN KEY(job) REFERENCES job (id)
);
INSERT INTO "avatar" VALUES('other','maya','cccccccccccccccccccccccccccccccc',900000);
CREATE TABLE batch (
	id TEXT NOT NULL, 
	workspace TEXT NOT NULL, 
	"key" TEXT, 
	body_digest TEXT NOT NULL, 
	request TEXT NOT NULL, 
	size INTEGER NOT NULL, 
	open BOOLEAN NOT NULL, 
	cancelled BOOLEAN NOT NULL, 
	created_ms BIGINT NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(workspace) REFERENCES workspace (name), 
	CONSTRAINT batch_by_key UNIQUE (workspace, "key")
);
INSERT INTO "batch" VALUES('dddddddddddddddddddddddddddddddd','acme','table-1','eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee','{"approvals": [], "callback": null, "priority": 50, "labels": {"order": "17"}, "identities": {}}',2,1,0,950000);
CREATE TABLE batch_row (
	batch TEXT NOT NULL, 
	position INTEGER NOT NULL, 
	workspace TEXT NOT NULL, 
	line INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	language TEXT NOT NULL, 
	digest TEXT NOT NULL, 
	spec TEXT NOT NULL, 
	wording TEXT, 
	held_ms BIGINT NOT NULL, 
	job TEXT, 
	taken BOOLEAN NOT NULL, 
	error TEXT, 
	PRIMARY KEY (batch, position), 
	FOREIGN KEY(batch) REFERENCES batch (id), 
	FOREIGN KEY(job) REFERENCES job (id)
);
INSERT INTO "batch_row" VALUES('dddddddddddddddddddddddddddddddd',0,'acme',2,'ana','en','ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff','{"kind": "speak", "face": "0000000000000000000000000000000000000000000000000000000000000000", "text": "Hello."}',NULL,0,'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',1,NULL);
INSERT INTO "batch_row" VALUES('dddddddddddddddddddddddddddddddd',1,'acme',3,'bo','en','1111111111111111111111111111111111111111111111111111111111111111','{"kind": "speak", "face": "0000000000000000000000000000000000000000000000000000000000000000", "text": "Hello."}',NULL,0,NULL,0,NULL);
CREATE TABLE delivery (
	event TEXT NOT NULL, 
	workspace TEXT NOT NULL, 
	job TEXT NOT NULL, 
	sequence INTEGER NOT NULL, 
	url TEXT NOT NULL, 
	secret TEXT NOT NULL, 
	state TEXT NOT NULL, 
	tries INTEGER NOT NULL, 
	created_ms BIGINT NOT NULL, 
	since_ms BIGINT NOT NULL, 
	due_ms BIGINT NOT NULL, 
	delivered_ms BIGINT, 
	PRIMARY KEY (event), 
	FOREIGN KEY(event) REFERENCES event (id)
);
INSERT INTO "delivery" VALUES('evt_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa_000001','acme','aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',1,'https://example.org/hook','default','due',1,1000000,1000000,1005000,NULL);
INSERT INTO "delivery" VALUES('evt_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa_000002','acme','aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',2,'https://example.org/hook','default','due',0,1000000,1000000,1000000,NULL);
INSERT INTO "delivery" VALUES('evt_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa_000003','acme','aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',3,'https://example.org/hook','default','due',0,1000000,1000000,1000000,NULL);
INSERT INTO "delivery" VALUES('evt_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa_000004','acme','aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',4,'https://example.org/hook','default','due',0,1000000,1000000,1000000,NULL);
INSERT INTO "delivery" VALUES('evt_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa_000005','acme','aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',5,'https://example.org/hook','default','due',0,1000000,1000000,1000000,NULL);
INSERT INTO "delivery" VALUES('evt_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa_000006','acme','aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',6,'https://example.org/hook','default','due',0,1000000,1000000,1000000,NULL);
INSERT INTO "delivery" VALUES('evt_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa_000007','acme','aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',7,'https://example.org/hook','default','due',0,1000000,1000000,1000000,NULL);
CREATE TABLE delivery_try (
	event TEXT NOT NULL, 
	number INTEGER NOT NULL, 
	started_ms BIGINT NOT NULL, 
	took_ms BIGINT NOT NULL, 
	status INTEGER, 
	problem TEXT, 
	PRIMARY KEY (event, number), 
	FOREIGN KEY(event) REFERENCES delivery (event)
);
INSERT INTO "delivery_try" VALUES('evt_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa_000001',1,1000000,20,500,'status 500');
CREATE TABLE event (
	id TEXT NOT NULL, 
	job TEXT NOT NULL, 
	workspace TEXT NOT NULL, 
	sequence INTEGER NOT NULL, 
	type TEXT NOT NULL, 
	body TEXT NOT NULL, 
	created_ms BIGINT NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(job) REFERENCES job (id), 
	CONSTRAINT event_in_order UNIQUE (job, sequence)
);
INSERT INTO "event" VALUES('evt_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa_000001','aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa','acme',1,'job.accepted','{"id":"evt_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa_000001","sequence":1,"type":"job.accepted","job":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","time":"1970-01-01T00:16:40.000Z","state":"queued","stage":null,"progress":null,"outputs":{},"error":null,"labels":{"order":"17"}}',1000000);
INSERT INTO "event" VALUES('evt_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa_000002','aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa','acme',2,'job.started','{"id":"evt_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa_000002","sequence":2,"type":"job.started","job":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","time":"1970-01-01T00:16:40.000Z","state":"running","stage":null,"progress":null,"outputs":{},"error":null,"labels":{"order":"17"}}',1000000);
INSERT INTO "event" VALUES('evt_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa_000003','aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa','acme',3,'job.progress','{"id":"evt_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa_000003","sequence":3,"type":"job.progress","job":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","time":"1970-01-01T00:16:40.000Z","state":"running","stage":"separate","progress":0.0,"outputs":{},"error":null,"labels":{"order":"17"}}',1000000);
INSERT INTO "event" VALUES('evt_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa_000004','aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa','acme',4,'job.progress','{"id":"evt_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa_000004","sequence":4,"type":"job.progress","job":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","time":"1970-01-01T00:16:40.000Z","state":"running","stage":"separate","progress":1.0,"outputs":{"separate":"0000000000000000000000000000000000000000000000000000000000000001"},"error":null,"labels":{"order":"17"}}',1000000);
INSERT INTO "event" VALUES('evt_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa_000005','aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa','acme',5,'job.progress','{"id":"evt_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa_000005","sequence":5,"type":"job.progress","job":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","time":"1970-01-01T00:16:40.000Z","state":"running","stage":"translate","progress":0.0,"outputs":{},"error":null,"labels":{"order":"17"}}',1000000);
INSERT INTO "event" VALUES('evt_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa_000006','aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa','acme',6,'job.progress','{"id":"evt_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa_000006","sequence":6,"type":"job.progress","job":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","time":"1970-01-01T00:16:40.000Z","state":"running","stage":"translate","progress":1.0,"outputs":{"translate":"0000000000000000000000000000000000000000000000000000000000000002"},"error":null,"labels":{"order":"17"}}',1000000);
INSERT INTO "event" VALUES('evt_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa_000007','aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa','acme',7,'job.waiting','{"id":"evt_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa_000007","sequence":7,"type":"job.waiting","job":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","time":"1970-01-01T00:16:40.000Z","state":"waiting","stage":"translate","progress":null,"outputs":{"translate":"0000000000000000000000000000000000000000000000000000000000000002"},"error":null,"labels":{"order":"17"}}',1000000);
INSERT INTO "event" VALUES('evt_bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb_000001','bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb','acme',1,'job.accepted','{"id":"evt_bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb_000001","sequence":1,"type":"job.accepted","job":"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb","time":"1970-01-01T00:16:40.000Z","state":"queued","stage":null,"progress":null,"outputs":{},"error":null,"labels":{}}',1000000);
INSERT INTO "event" VALUES('evt_bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb_000002','bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb','acme',2,'job.started','{"id":"evt_bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb_000002","sequence":2,"type":"job.started","job":"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb","time":"1970-01-01T00:16:40.000Z","state":"running","stage":null,"progress":null,"outputs":{},"error":null,"labels":{}}',1000000);
INSERT INTO "event" VALUES('evt_bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb_000003','bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb','acme',3,'job.progress','{"id":"evt_bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb_000003","sequence":3,"type":"job.progress","job":"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb","time":"1970-01-01T00:16:40.000Z","state":"running","stage":"separate","progress":0.0,"outputs":{},"error":null,"labels":{}}',1000000);
INSERT INTO "event" VALUES('evt_bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb_000004','bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb','acme',4,'job.failed','{"id":"evt_bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb_000004","sequence":4,"type":"job.failed","job":"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb","time":"1970-01-01T00:16:40.000Z","state":"failed","stage":"separate","progress":null,"outputs":{},"error":{"code":"provider_failed","message":"No.","retryable":false,"part":null},"labels":{}}',1000000);
CREATE TABLE idempotency (
	workspace TEXT NOT NULL, 
	"key" TEXT NOT NULL, 
	body_digest TEXT NOT NULL, 
	job TEXT NOT NULL, 
	created_ms BIGINT NOT NULL, 
	PRIMARY KEY (workspace, "key"), 
	FOREIGN KEY(job) REFERENCES job (id) DEFERRABLE INITIALLY DEFERRED
);
INSERT INTO "idempotency" VALUES('acme','ad-17','body','aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',1000000);
CREATE TABLE job (
	id TEXT NOT NULL, 
	workspace TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	version INTEGER NOT NULL, 
	snapshot TEXT NOT NULL, 
	state TEXT NOT NULL, 
	run INTEGER NOT NULL, 
	priority INTEGER NOT NULL, 
	cancelled BOOLEAN NOT NULL, 
	waits_for TEXT, 
	outputs TEXT NOT NULL, 
	error TEXT, 
	last_sequence INTEGER NOT NULL, 
	created_ms BIGINT NOT NULL, 
	updated_ms BIGINT NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(workspace) REFERENCES workspace (name)
);
INSERT INTO "job" VALUES('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa','acme','dub',1,'{"version":1,"spec":{"kind":"dub","video":"0000000000000000000000000000000000000000000000000000000000000000","target":"de","source_language":null,"subtitles":[],"voice":"auto","glossary":null,"lip_sync":true,"preset":"balanced","keep_original":false,"bed_gain_db":0.0,"allow_failed":false,"label":false,"seed":0},"approvals":["translate"],"callback":{"url":"https://example.org/hook","secret":"default"},"priority":50,"labels":{"order":"17"}}','waiting',1,50,0,'translate','{}',NULL,7,1000000,1000000);
INSERT INTO "job" VALUES('bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb','acme','dub',1,'{"version":1,"spec":{"kind":"dub","video":"0000000000000000000000000000000000000000000000000000000000000000","target":"de","source_language":null,"subtitles":[],"voice":"auto","glossary":null,"lip_sync":true,"preset":"balanced","keep_original":false,"bed_gain_db":0.0,"allow_failed":false,"label":false,"seed":0},"approvals":[],"callback":null,"priority":50,"labels":{}}','failed',1,50,0,NULL,'{}','{"code":"provider_failed","message":"No.","retryable":false,"part":null}',4,1000000,1000000);
INSERT INTO "job" VALUES('cccccccccccccccccccccccccccccccc','other','avatar',1,'{"version": 1, "spec": {"kind": "avatar", "name": "maya", "photo": "0000000000000000000000000000000000000000000000000000000000000000", "consent": {"person": "Maya Lindt", "granted_on": "2026-01-31", "uses": ["video"]}}, "approvals": [], "callback": null, "priority": 50, "labels": {}}','completed',1,50,0,NULL,'{"identity.json": "0000000000000000000000000000000000000000000000000000000000000003"}',NULL,0,900000,900000);
CREATE TABLE job_asset (
	job TEXT NOT NULL, 
	digest TEXT NOT NULL, 
	PRIMARY KEY (job, digest), 
	FOREIGN KEY(job) REFERENCES job (id)
);
INSERT INTO "job_asset" VALUES('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa','0000000000000000000000000000000000000000000000000000000000000000');
INSERT INTO "job_asset" VALUES('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa','0000000000000000000000000000000000000000000000000000000000000001');
INSERT INTO "job_asset" VALUES('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa','0000000000000000000000000000000000000000000000000000000000000002');
INSERT INTO "job_asset" VALUES('bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb','0000000000000000000000000000000000000000000000000000000000000000');
INSERT INTO "job_asset" VALUES('cccccccccccccccccccccccccccccccc','0000000000000000000000000000000000000000000000000000000000000003');
CREATE TABLE lipwright_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT lipwright_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "lipwright_version" VALUES('0003');
CREATE TABLE secret (
	workspace TEXT NOT NULL, 
	name TEXT NOT NULL, 
	value TEXT NOT NULL, 
	previous TEXT, 
	previous_until_ms BIGINT, 
	PRIMARY KEY (workspace, name), 
	FOREIGN KEY(workspace) REFERENCES workspace (name)
);
INSERT INTO "secret" VALUES('acme','default','whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=',NULL,NULL);
CREATE TABLE stage_run (
	job TEXT NOT NULL, 
	stage TEXT NOT NULL, 
	queue TEXT NOT NULL, 
	position INTEGER NOT NULL, 
	state TEXT NOT NULL, 
	attempt INTEGER NOT NULL, 
	take INTEGER NOT NULL, 
	line INTEGER, 
	lines TEXT NOT NULL, 
	token TEXT, 
	executor TEXT, 
	approved BOOLEAN NOT NULL, 
	progress FLOAT NOT NULL, 
	remaining_s FLOAT, 
	told FLOAT NOT NULL, 
	told_ms BIGINT NOT NULL, 
	outputs TEXT NOT NULL, 
	edits TEXT NOT NULL, 
	error TEXT, 
	started_ms BIGINT, 
	ended_ms BIGINT, parent TEXT, parts INTEGER, 
	PRIMARY KEY (job, stage), 
	FOREIGN KEY(job) REFERENCES job (id)
);
INSERT INTO "stage_run" VALUES('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa','separate','gpu',0,'done',1,0,NULL,'{}',NULL,'worker',0,1.0,NULL,0.0,1000000,'{"separate": "0000000000000000000000000000000000000000000000000000000000000001"}','{}',NULL,1000000,1000000,NULL,NULL);
INSERT INTO "stage_run" VALUES('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa','translate','cpu',1,'waiting',1,0,NULL,'{}',NULL,'worker',0,1.0,NULL,0.0,1000000,'{"translate": "0000000000000000000000000000000000000000000000000000000000000002"}','{}',NULL,1000000,1000000,NULL,NULL);
INSERT INTO "stage_run" VALUES('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa','mux','cpu',2,'pending',0,0,NULL,'{}',NULL,NULL,0,0.0,NULL,0.0,0,'{}','{}',NULL,NULL,NULL,NULL,NULL);
INSERT INTO "stage_run" VALUES('bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb','separate','gpu',0,'failed',1,0,NULL,'{}',NULL,'worker',0,0.0,NULL,0.0,1000000,'{}','{}','{"code":"provider_failed","message":"No.","retryable":false,"part":null}',1000000,1000000,NULL,NULL);
INSERT INTO "stage_run" VALUES('bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb','translate','cpu',1,'pending',0,0,NULL,'{}',NULL,NULL,0,0.0,NULL,0.0,0,'{}','{}',NULL,NULL,NULL,NULL,NULL);
INSERT INTO "stage_run" VALUES('bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb','mux','cpu',2,'pending',0,0,NULL,'{}',NULL,NULL,0,0.0,NULL,0.0,0,'{}','{}',NULL,NULL,NULL,NULL,NULL);
CREATE TABLE token (
	id TEXT NOT NULL, 
	workspace TEXT NOT NULL, 
	digest TEXT NOT NULL, 
	scopes TEXT NOT NULL, 
	created_ms BIGINT NOT NULL, 
	expires_ms BIGINT, 
	revoked_ms BIGINT, 
	PRIMARY KEY (id), 
	FOREIGN KEY(workspace) REFERENCES workspace (name)
);
CREATE TABLE worker_lease (
	executor TEXT NOT NULL, 
	state TEXT NOT NULL, 
	queues TEXT NOT NULL, 
	host TEXT NOT NULL, 
	pid INTEGER NOT NULL, 
	seen_ms BIGINT NOT NULL, 
	PRIMARY KEY (executor)
);
CREATE TABLE workspace (
	name TEXT NOT NULL, 
	created_ms BIGINT NOT NULL, 
	PRIMARY KEY (name)
);
INSERT INTO "workspace" VALUES('acme',1000000);
INSERT INTO "workspace" VALUES('other',1000000);
CREATE INDEX asset_by_age ON asset (workspace, created_ms, digest);
CREATE INDEX asset_by_digest ON asset (digest);
CREATE INDEX asset_by_use ON asset (used_ms);
CREATE INDEX job_by_state ON job (state, updated_ms);
CREATE INDEX job_by_workspace ON job (workspace, created_ms, id);
CREATE INDEX idempotency_by_job ON idempotency (job);
CREATE INDEX job_asset_by_digest ON job_asset (digest);
CREATE INDEX delivery_by_job ON delivery (job, sequence);
CREATE INDEX delivery_by_workspace ON delivery (workspace, created_ms, event);
CREATE INDEX delivery_due ON delivery (state, due_ms);
CREATE INDEX avatar_by_job ON avatar (job);
CREATE INDEX avatar_by_age ON avatar (workspace, created_ms, name);
CREATE INDEX batch_by_age ON batch (workspace, created_ms, id);
CREATE INDEX batch_by_open ON batch (open);
CREATE INDEX batch_row_by_digest ON batch_row (workspace, digest);
CREATE INDEX batch_row_by_job ON batch_row (job);
COMMIT;
