-- Accounts, keys, the double-entry ledger with holds, usage by month and by hour, the price book.
-- Money is nano-USD (1e-9 USD) in BIGINT.

CREATE TYPE "account_kind" AS ENUM ('customer', 'revenue', 'chain', 'adjustment', 'shortfall');
CREATE TYPE "transfer_kind" AS ENUM ('charge', 'shortfall', 'adjustment', 'deposit');
CREATE TYPE "limit_period" AS ENUM ('total', 'day', 'week', 'month');
CREATE TYPE "ending" AS ENUM ('finished', 'client_left', 'client_left_early', 'balance_exhausted', 'refused', 'upstream_failed', 'stalled', 'malformed', 'stopped', 'gateway_failed', 'crashed');
CREATE TYPE "settled_from" AS ENUM ('usage', 'counted', 'none');

CREATE TABLE "accounts" (
    "id" TEXT NOT NULL,
    "kind" "account_kind" NOT NULL,
    "name" TEXT NOT NULL DEFAULT '',
    "telegram_id" BIGINT,
    "suspended_at" TIMESTAMPTZ(6),
    "credits_posted" BIGINT NOT NULL DEFAULT 0,
    "debits_posted" BIGINT NOT NULL DEFAULT 0,
    "debits_pending" BIGINT NOT NULL DEFAULT 0,
    "requests_per_minute" INTEGER,
    "input_tokens_per_minute" INTEGER,
    "output_tokens_per_minute" INTEGER,
    "concurrent_requests" INTEGER,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT "accounts_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "accounts_totals_never_negative" CHECK ("credits_posted" >= 0 AND "debits_posted" >= 0 AND "debits_pending" >= 0),
    CONSTRAINT "accounts_available_never_negative" CHECK ("credits_posted" - "debits_posted" - "debits_pending" >= 0),
    CONSTRAINT "accounts_system_totals_not_stored" CHECK ("kind" = 'customer' OR ("credits_posted" = 0 AND "debits_posted" = 0 AND "debits_pending" = 0)),
    CONSTRAINT "accounts_limits_positive" CHECK (LEAST("requests_per_minute", "input_tokens_per_minute", "output_tokens_per_minute", "concurrent_requests") > 0)
);
CREATE UNIQUE INDEX "accounts_telegram_id_key" ON "accounts"("telegram_id");

CREATE TABLE "api_keys" (
    "id" TEXT NOT NULL,
    "account_id" TEXT NOT NULL,
    "name" TEXT NOT NULL DEFAULT '',
    "hash" BYTEA NOT NULL,
    "prefix" TEXT NOT NULL,
    "last_four" TEXT NOT NULL,
    "limit_nano" BIGINT,
    "limit_period" "limit_period",
    "allowed_models" TEXT[] NOT NULL DEFAULT ARRAY[]::TEXT[],
    "requests_per_minute" INTEGER,
    "input_tokens_per_minute" INTEGER,
    "output_tokens_per_minute" INTEGER,
    "concurrent_requests" INTEGER,
    "expires_at" TIMESTAMPTZ(6),
    "disabled_at" TIMESTAMPTZ(6),
    "revoked_at" TIMESTAMPTZ(6),
    "last_used_at" TIMESTAMPTZ(6),
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT "api_keys_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "api_keys_account_id_fkey" FOREIGN KEY ("account_id") REFERENCES "accounts"("id") ON DELETE RESTRICT ON UPDATE CASCADE,
    CONSTRAINT "api_keys_hash_is_sha256" CHECK (octet_length("hash") = 32),
    CONSTRAINT "api_keys_limit_has_period" CHECK (("limit_nano" IS NULL) = ("limit_period" IS NULL) AND "limit_nano" >= 0),
    CONSTRAINT "api_keys_limits_positive" CHECK (LEAST("requests_per_minute", "input_tokens_per_minute", "output_tokens_per_minute", "concurrent_requests") > 0)
);
CREATE UNIQUE INDEX "api_keys_hash_key" ON "api_keys"("hash");
CREATE INDEX "api_keys_account_id_created_at_idx" ON "api_keys"("account_id", "created_at");

CREATE TABLE "key_spend" (
    "key_id" TEXT NOT NULL,
    "window_start" TIMESTAMPTZ(6) NOT NULL,
    "spent_nano" BIGINT NOT NULL DEFAULT 0,
    "pending_nano" BIGINT NOT NULL DEFAULT 0,
    CONSTRAINT "key_spend_pkey" PRIMARY KEY ("key_id", "window_start"),
    CONSTRAINT "key_spend_never_negative" CHECK ("spent_nano" >= 0 AND "pending_nano" >= 0)
);

-- No foreign keys on transfers, holds and usage: the functions below are their only writers and have the customer's
-- row locked, and a key-share lock on the revenue account by every charge would make it a hot row.
CREATE TABLE "transfers" (
    "id" BIGSERIAL NOT NULL,
    "kind" "transfer_kind" NOT NULL,
    "debit_account_id" TEXT NOT NULL,
    "credit_account_id" TEXT NOT NULL,
    "amount_nano" BIGINT NOT NULL,
    "idempotency_key" TEXT NOT NULL,
    "reason" TEXT,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT "transfers_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "transfers_amount_positive" CHECK ("amount_nano" > 0),
    CONSTRAINT "transfers_between_two_accounts" CHECK ("debit_account_id" <> "credit_account_id")
);
CREATE UNIQUE INDEX "transfers_idempotency_key_key" ON "transfers"("idempotency_key");
CREATE INDEX "transfers_debit_account_id_id_idx" ON "transfers"("debit_account_id", "id");
CREATE INDEX "transfers_credit_account_id_id_idx" ON "transfers"("credit_account_id", "id");

CREATE TABLE "holds" (
    "request_id" TEXT NOT NULL,
    "account_id" TEXT NOT NULL,
    "key_id" TEXT NOT NULL,
    "instance_id" TEXT NOT NULL,
    "amount_nano" BIGINT NOT NULL,
    "window_start" TIMESTAMPTZ(6),
    "model" TEXT NOT NULL,
    "stream" BOOLEAN NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL,
    CONSTRAINT "holds_pkey" PRIMARY KEY ("request_id"),
    CONSTRAINT "holds_amount_positive" CHECK ("amount_nano" > 0)
);
CREATE INDEX "holds_account_id_idx" ON "holds"("account_id");
CREATE INDEX "holds_instance_id_idx" ON "holds"("instance_id");

CREATE TABLE "usage" (
    "request_id" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL,
    "account_id" TEXT NOT NULL,
    "key_id" TEXT NOT NULL,
    "model" TEXT NOT NULL,
    "served_model" TEXT,
    "upstream" TEXT,
    "upstream_request_id" TEXT,
    "stream" BOOLEAN NOT NULL,
    "status" INTEGER NOT NULL,
    "ending" "ending" NOT NULL,
    "settled_from" "settled_from" NOT NULL,
    "stop_reason" TEXT,
    "input_tokens" BIGINT NOT NULL DEFAULT 0,
    "output_tokens" BIGINT NOT NULL DEFAULT 0,
    "cache_write_5m_tokens" BIGINT NOT NULL DEFAULT 0,
    "cache_write_1h_tokens" BIGINT NOT NULL DEFAULT 0,
    "cache_read_tokens" BIGINT NOT NULL DEFAULT 0,
    "web_search_requests" BIGINT NOT NULL DEFAULT 0,
    "hold_nano" BIGINT NOT NULL DEFAULT 0,
    "amount_nano" BIGINT NOT NULL DEFAULT 0,
    "shortfall_nano" BIGINT NOT NULL DEFAULT 0,
    "forgiven_nano" BIGINT NOT NULL DEFAULT 0,
    "receipt" JSONB NOT NULL DEFAULT '[]',
    "flags" TEXT[] NOT NULL DEFAULT ARRAY[]::TEXT[],
    "first_byte_ms" INTEGER,
    "duration_ms" INTEGER,
    CONSTRAINT "usage_pkey" PRIMARY KEY ("request_id", "created_at"),
    CONSTRAINT "usage_amounts_never_negative" CHECK ("amount_nano" >= 0 AND "shortfall_nano" >= 0 AND "forgiven_nano" >= 0),
    CONSTRAINT "usage_nothing_charged_from_none" CHECK ("settled_from" <> 'none' OR ("amount_nano" = 0 AND "shortfall_nano" = 0))
) PARTITION BY RANGE ("created_at");
CREATE INDEX "usage_account_id_created_at_idx" ON "usage"("account_id", "created_at" DESC);
CREATE INDEX "usage_key_id_created_at_idx" ON "usage"("key_id", "created_at" DESC);

-- Catches what no month takes, so that a late worker never costs a charge; it stays empty while partitions are made ahead.
CREATE TABLE "usage_default" PARTITION OF "usage" DEFAULT;

CREATE TABLE "usage_hourly" (
    "account_id" TEXT NOT NULL,
    "key_id" TEXT NOT NULL,
    "model" TEXT NOT NULL,
    "hour" TIMESTAMPTZ(6) NOT NULL,
    "requests" BIGINT NOT NULL DEFAULT 0,
    "input_tokens" BIGINT NOT NULL DEFAULT 0,
    "output_tokens" BIGINT NOT NULL DEFAULT 0,
    "cache_write_5m_tokens" BIGINT NOT NULL DEFAULT 0,
    "cache_write_1h_tokens" BIGINT NOT NULL DEFAULT 0,
    "cache_read_tokens" BIGINT NOT NULL DEFAULT 0,
    "web_search_requests" BIGINT NOT NULL DEFAULT 0,
    "amount_nano" BIGINT NOT NULL DEFAULT 0,
    CONSTRAINT "usage_hourly_pkey" PRIMARY KEY ("account_id", "hour", "key_id", "model")
);
CREATE INDEX "usage_hourly_key_id_hour_idx" ON "usage_hourly"("key_id", "hour");

CREATE TABLE "models" (
    "id" TEXT NOT NULL,
    "display_name" TEXT NOT NULL,
    "aliases" TEXT[] NOT NULL DEFAULT ARRAY[]::TEXT[],
    "max_input_tokens" INTEGER NOT NULL,
    "max_tokens" INTEGER NOT NULL,
    "released_at" TIMESTAMPTZ(6) NOT NULL,
    "position" INTEGER NOT NULL,
    "details" JSONB NOT NULL,
    CONSTRAINT "models_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "model_prices" (
    "id" TEXT NOT NULL,
    "model_id" TEXT NOT NULL,
    "effective_from" TIMESTAMPTZ(6) NOT NULL,
    "input_nano" BIGINT NOT NULL,
    "output_nano" BIGINT NOT NULL,
    "cache_write_5m_nano" BIGINT NOT NULL,
    "cache_write_1h_nano" BIGINT NOT NULL,
    "cache_read_nano" BIGINT NOT NULL,
    "web_search_nano" BIGINT NOT NULL,
    "fast_percent" INTEGER,
    "us_percent" INTEGER NOT NULL,
    "batch_percent" INTEGER NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT "model_prices_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "model_prices_model_id_fkey" FOREIGN KEY ("model_id") REFERENCES "models"("id") ON DELETE RESTRICT ON UPDATE CASCADE,
    CONSTRAINT "model_prices_never_negative" CHECK (LEAST("input_nano", "output_nano", "cache_write_5m_nano", "cache_write_1h_nano", "cache_read_nano", "web_search_nano") >= 0),
    CONSTRAINT "model_prices_percents_positive" CHECK (LEAST("fast_percent", "us_percent", "batch_percent") > 0)
);
CREATE UNIQUE INDEX "model_prices_model_id_effective_from_key" ON "model_prices"("model_id", "effective_from");

CREATE TABLE "thread_messages" (
    "message_id" TEXT NOT NULL,
    "account_id" TEXT NOT NULL,
    "upstream" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT "thread_messages_pkey" PRIMARY KEY ("message_id", "account_id")
);
CREATE INDEX "thread_messages_created_at_idx" ON "thread_messages"("created_at");

CREATE TABLE "instances" (
    "id" TEXT NOT NULL,
    "seen_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT "instances_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "leases" (
    "name" TEXT NOT NULL,
    "holder" TEXT NOT NULL,
    "token" BIGINT NOT NULL,
    "expires_at" TIMESTAMPTZ(6) NOT NULL,
    CONSTRAINT "leases_pkey" PRIMARY KEY ("name")
);

INSERT INTO "accounts" ("id", "kind", "name") VALUES
    ('acc_revenue', 'revenue', 'Charges for answered requests'),
    ('acc_chain', 'chain', 'Deposits from the chain'),
    ('acc_adjustment', 'adjustment', 'Credits and corrections by operators'),
    ('acc_shortfall', 'shortfall', 'Charges above what a customer had');

-- Append-only: what is booked is corrected by another entry, never edited.
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% of % is refused: its rows are append-only; correct them with another entry', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER "transfers_append_only" BEFORE UPDATE OR DELETE ON "transfers" FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER "transfers_never_truncated" BEFORE TRUNCATE ON "transfers" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER "model_prices_append_only" BEFORE UPDATE OR DELETE ON "model_prices" FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER "model_prices_never_truncated" BEFORE TRUNCATE ON "model_prices" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER "accounts_never_deleted" BEFORE DELETE ON "accounts" FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- Makes the usage partitions of this month and the next three; safe from several processes at once. Rows that the default
-- partition caught, because nobody made their month in time, move to it.
CREATE FUNCTION ensure_usage_partitions() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_month date;
    v_name text;
    v_from timestamptz;
    v_to timestamptz;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('ensure_usage_partitions'));
    FOR i IN 0..3 LOOP
        v_month := (date_trunc('month', now() AT TIME ZONE 'UTC') + make_interval(months => i))::date;
        v_name := 'usage_' || to_char(v_month, 'YYYY_MM');
        CONTINUE WHEN to_regclass(v_name) IS NOT NULL;
        v_from := v_month::timestamp AT TIME ZONE 'UTC';
        v_to := (v_month + interval '1 month') AT TIME ZONE 'UTC';
        EXECUTE format('CREATE TABLE %I (LIKE usage INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', v_name);
        IF EXISTS (SELECT 1 FROM usage_default WHERE created_at >= v_from AND created_at < v_to) THEN
            LOCK TABLE usage_default IN ACCESS EXCLUSIVE MODE;
            EXECUTE format('WITH moved AS (DELETE FROM usage_default WHERE created_at >= %L AND created_at < %L RETURNING *) INSERT INTO %I SELECT * FROM moved', v_from, v_to, v_name);
        END IF;
        EXECUTE format('ALTER TABLE usage ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', v_name, v_from, v_to);
    END LOOP;
END $$;

-- The start of the window that a spend limit counts in, in UTC; weeks start on Monday; `total` counts from the epoch.
CREATE FUNCTION limit_window_start(p_period limit_period, p_at timestamptz) RETURNS timestamptz LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE p_period
        WHEN 'total' THEN to_timestamp(0)
        ELSE date_trunc(p_period::text, p_at, 'UTC')
    END
$$;

-- Places a hold of p_wanted, or of all there is when that is at least p_minimum. The account row is locked first, then the
-- key's spend, always in this order. Outcomes: held, key_refused, account_suspended, key_limit, insufficient.
CREATE FUNCTION ledger_place_hold(
    p_request_id text, p_account_id text, p_key_id text, p_instance_id text,
    p_wanted bigint, p_minimum bigint, p_model text, p_stream boolean, p_created_at timestamptz
) RETURNS TABLE (outcome text, held_nano bigint, available_nano bigint, pending_nano bigint, key_remaining_nano bigint)
LANGUAGE plpgsql AS $$
DECLARE
    v_account accounts%ROWTYPE;
    v_key api_keys%ROWTYPE;
    v_available bigint;
    v_window timestamptz;
    v_remaining bigint;
    v_amount bigint;
BEGIN
    SELECT * INTO v_account FROM accounts WHERE id = p_account_id AND kind = 'customer' FOR NO KEY UPDATE;
    SELECT * INTO v_key FROM api_keys WHERE id = p_key_id AND account_id = p_account_id;
    v_available := v_account.credits_posted - v_account.debits_posted - v_account.debits_pending;

    IF v_key.id IS NULL OR v_key.revoked_at IS NOT NULL OR v_key.disabled_at IS NOT NULL OR v_key.expires_at <= p_created_at THEN
        RETURN QUERY SELECT 'key_refused', 0::bigint, v_available, v_account.debits_pending, NULL::bigint;
        RETURN;
    END IF;
    IF v_account.suspended_at IS NOT NULL THEN
        RETURN QUERY SELECT 'account_suspended', 0::bigint, v_available, v_account.debits_pending, NULL::bigint;
        RETURN;
    END IF;

    v_amount := LEAST(p_wanted, v_available);
    IF v_key.limit_nano IS NOT NULL THEN
        v_window := limit_window_start(v_key.limit_period, p_created_at);
        INSERT INTO key_spend (key_id, window_start) VALUES (p_key_id, v_window) ON CONFLICT DO NOTHING;
        SELECT GREATEST(v_key.limit_nano - s.spent_nano - s.pending_nano, 0) INTO v_remaining
            FROM key_spend s WHERE s.key_id = p_key_id AND s.window_start = v_window FOR NO KEY UPDATE;
        v_amount := LEAST(v_amount, v_remaining);
    END IF;

    IF v_amount < p_minimum OR v_amount <= 0 THEN
        RETURN QUERY SELECT
            CASE WHEN v_remaining < GREATEST(p_minimum, 1) AND v_remaining < v_available THEN 'key_limit' ELSE 'insufficient' END,
            0::bigint, v_available, v_account.debits_pending, v_remaining;
        RETURN;
    END IF;

    UPDATE accounts SET debits_pending = debits_pending + v_amount WHERE id = p_account_id;
    IF v_window IS NOT NULL THEN
        UPDATE key_spend SET pending_nano = key_spend.pending_nano + v_amount WHERE key_id = p_key_id AND window_start = v_window;
    END IF;
    INSERT INTO holds (request_id, account_id, key_id, instance_id, amount_nano, window_start, model, stream, created_at)
        VALUES (p_request_id, p_account_id, p_key_id, p_instance_id, v_amount, v_window, p_model, p_stream, p_created_at);
    RETURN QUERY SELECT 'held', v_amount, v_available - v_amount, v_account.debits_pending + v_amount, v_remaining - v_amount;
END $$;

-- Adds (or, with -1, takes back) a usage row to its hour.
CREATE FUNCTION usage_roll_up(p_row usage, p_sign integer) RETURNS void LANGUAGE sql AS $$
    INSERT INTO usage_hourly AS h (account_id, key_id, model, hour, requests, input_tokens, output_tokens,
            cache_write_5m_tokens, cache_write_1h_tokens, cache_read_tokens, web_search_requests, amount_nano)
        VALUES (p_row.account_id, p_row.key_id, p_row.model, date_trunc('hour', p_row.created_at, 'UTC'), p_sign,
            p_sign * p_row.input_tokens, p_sign * p_row.output_tokens, p_sign * p_row.cache_write_5m_tokens,
            p_sign * p_row.cache_write_1h_tokens, p_sign * p_row.cache_read_tokens, p_sign * p_row.web_search_requests,
            p_sign * p_row.amount_nano)
    ON CONFLICT (account_id, hour, key_id, model) DO UPDATE SET
        requests = h.requests + excluded.requests,
        input_tokens = h.input_tokens + excluded.input_tokens,
        output_tokens = h.output_tokens + excluded.output_tokens,
        cache_write_5m_tokens = h.cache_write_5m_tokens + excluded.cache_write_5m_tokens,
        cache_write_1h_tokens = h.cache_write_1h_tokens + excluded.cache_write_1h_tokens,
        cache_read_tokens = h.cache_read_tokens + excluded.cache_read_tokens,
        web_search_requests = h.web_search_requests + excluded.web_search_requests,
        amount_nano = h.amount_nano + excluded.amount_nano
$$;

-- Settles a request exactly once: deletes its hold, posts what it costs up to what there is (the rest is a shortfall),
-- writes its usage row and its hour. A charge that comes after the reaper gave the request up (a process that was paused,
-- a journal that was replayed) replaces the reaper's row. Outcomes: settled, replaced, already, unknown.
CREATE FUNCTION ledger_settle(p_usage jsonb, p_thread_message_id text)
RETURNS TABLE (outcome text, posted_nano bigint, shortfall_nano bigint)
LANGUAGE plpgsql AS $$
DECLARE
    v_row usage := jsonb_populate_record(NULL::usage, p_usage);
    v_before usage;
    v_hold holds%ROWTYPE;
    v_account accounts%ROWTYPE;
    v_due bigint := v_row.amount_nano;
    v_posted bigint;
    v_outcome text := 'settled';
BEGIN
    SELECT * INTO v_account FROM accounts WHERE id = v_row.account_id AND kind = 'customer' FOR NO KEY UPDATE;
    DELETE FROM holds WHERE request_id = v_row.request_id RETURNING * INTO v_hold;
    IF v_hold.request_id IS NULL THEN
        SELECT * INTO v_before FROM usage WHERE request_id = v_row.request_id AND created_at = v_row.created_at;
        IF v_before.request_id IS NULL THEN
            RETURN QUERY SELECT 'unknown', 0::bigint, 0::bigint;
            RETURN;
        END IF;
        IF v_before.ending <> 'crashed' OR v_row.ending = 'crashed' THEN
            RETURN QUERY SELECT 'already', v_before.amount_nano, v_before.shortfall_nano;
            RETURN;
        END IF;
        v_outcome := 'replaced';
        v_row.hold_nano := v_before.hold_nano;
        PERFORM usage_roll_up(v_before, -1);
        DELETE FROM usage WHERE request_id = v_row.request_id AND created_at = v_row.created_at;
    ELSE
        v_row.hold_nano := v_hold.amount_nano;
    END IF;

    v_posted := LEAST(v_due, v_account.credits_posted - v_account.debits_posted - v_account.debits_pending + COALESCE(v_hold.amount_nano, 0));
    UPDATE accounts SET debits_pending = debits_pending - COALESCE(v_hold.amount_nano, 0), debits_posted = debits_posted + v_posted
        WHERE id = v_row.account_id;
    IF v_hold.window_start IS NOT NULL THEN
        UPDATE key_spend SET pending_nano = key_spend.pending_nano - v_hold.amount_nano, spent_nano = key_spend.spent_nano + v_posted
            WHERE key_id = v_hold.key_id AND window_start = v_hold.window_start;
    ELSIF v_outcome = 'replaced' THEN
        UPDATE key_spend SET spent_nano = key_spend.spent_nano + v_posted FROM api_keys k
            WHERE k.id = v_row.key_id AND key_spend.key_id = k.id
              AND key_spend.window_start = limit_window_start(k.limit_period, v_row.created_at);
    END IF;
    IF v_posted > 0 THEN
        INSERT INTO transfers (kind, debit_account_id, credit_account_id, amount_nano, idempotency_key)
            VALUES ('charge', v_row.account_id, 'acc_revenue', v_posted, 'charge:' || v_row.request_id);
    END IF;
    IF v_due > v_posted THEN
        INSERT INTO transfers (kind, debit_account_id, credit_account_id, amount_nano, idempotency_key)
            VALUES ('shortfall', 'acc_shortfall', 'acc_revenue', v_due - v_posted, 'shortfall:' || v_row.request_id);
    END IF;
    v_row.amount_nano := v_posted;
    v_row.shortfall_nano := v_due - v_posted;
    INSERT INTO usage SELECT v_row.*;
    PERFORM usage_roll_up(v_row, 1);
    IF p_thread_message_id IS NOT NULL THEN
        INSERT INTO thread_messages (message_id, account_id, upstream)
            VALUES (p_thread_message_id, v_row.account_id, v_row.upstream) ON CONFLICT DO NOTHING;
    END IF;
    RETURN QUERY SELECT v_outcome, v_posted, v_due - v_posted;
END $$;

-- Credits a customer once per idempotency key. Outcomes: credited, already (same key, same entry), conflict (same key, another entry), unknown.
CREATE FUNCTION ledger_credit(
    p_account_id text, p_amount bigint, p_kind transfer_kind, p_from_account_id text, p_idempotency_key text, p_reason text
) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    v_before transfers%ROWTYPE;
BEGIN
    PERFORM 1 FROM accounts WHERE id = p_account_id AND kind = 'customer' FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN 'unknown';
    END IF;
    INSERT INTO transfers (kind, debit_account_id, credit_account_id, amount_nano, idempotency_key, reason)
        VALUES (p_kind, p_from_account_id, p_account_id, p_amount, p_idempotency_key, p_reason)
        ON CONFLICT (idempotency_key) DO NOTHING;
    IF FOUND THEN
        UPDATE accounts SET credits_posted = credits_posted + p_amount WHERE id = p_account_id;
        RETURN 'credited';
    END IF;
    SELECT * INTO v_before FROM transfers WHERE idempotency_key = p_idempotency_key;
    RETURN CASE WHEN v_before.credit_account_id = p_account_id AND v_before.amount_nano = p_amount AND v_before.kind = p_kind
        THEN 'already' ELSE 'conflict' END;
END $$;

-- Every process forgets a key at once when its row changes; a lost notice costs at most the cache's ten seconds.
CREATE FUNCTION notify_key_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('key_changed', encode(OLD.hash, 'hex'));
    RETURN NULL;
END $$;
CREATE TRIGGER "api_keys_notify_change" AFTER UPDATE OF "limit_nano", "limit_period", "allowed_models", "requests_per_minute",
    "input_tokens_per_minute", "output_tokens_per_minute", "concurrent_requests", "expires_at", "disabled_at", "revoked_at"
    ON "api_keys" FOR EACH ROW EXECUTE FUNCTION notify_key_changed();

CREATE FUNCTION notify_account_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('account_changed', NEW.id);
    RETURN NULL;
END $$;
CREATE TRIGGER "accounts_notify_change" AFTER UPDATE OF "suspended_at", "requests_per_minute", "input_tokens_per_minute",
    "output_tokens_per_minute", "concurrent_requests" ON "accounts" FOR EACH ROW EXECUTE FUNCTION notify_account_changed();

CREATE FUNCTION notify_price_book_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('price_book_changed', '');
    RETURN NULL;
END $$;
CREATE TRIGGER "models_notify_change" AFTER INSERT OR UPDATE OR DELETE ON "models" FOR EACH STATEMENT EXECUTE FUNCTION notify_price_book_changed();
CREATE TRIGGER "model_prices_notify_change" AFTER INSERT ON "model_prices" FOR EACH STATEMENT EXECUTE FUNCTION notify_price_book_changed();

SELECT ensure_usage_partitions();
