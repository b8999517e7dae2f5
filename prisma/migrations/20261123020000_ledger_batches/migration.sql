-- Many holds, or many settlements, in one call and one commit. The accounts are locked first, in the order of their ids,
-- so that batches of several processes never wait for each other in a circle; key spend and hours belong to one account
-- each and are guarded by its lock. Within a batch, requests are served in the order in which they came.

CREATE FUNCTION ledger_lock_accounts(p_items jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM accounts WHERE id IN (SELECT item ->> 'account_id' FROM jsonb_array_elements(p_items) AS item)
        ORDER BY id FOR NO KEY UPDATE;
END $$;

-- An account that somebody has locked for long must not hold up the others of its batch: the batch fails within a second,
-- and its items are tried alone.
-- Each item: request_id, account_id, key_id, instance_id, wanted, minimum, model, stream, created_at. One row for each, in their order.
CREATE FUNCTION ledger_place_holds(p_items jsonb)
RETURNS TABLE (outcome text, held_nano bigint, available_nano bigint, pending_nano bigint, key_remaining_nano bigint)
LANGUAGE plpgsql SET lock_timeout = '1s' AS $$
DECLARE
    v_item jsonb;
BEGIN
    PERFORM ledger_lock_accounts(p_items);
    FOR v_item IN SELECT item FROM jsonb_array_elements(p_items) WITH ORDINALITY AS items (item, at) ORDER BY at LOOP
        RETURN QUERY SELECT * FROM ledger_place_hold(
            v_item ->> 'request_id', v_item ->> 'account_id', v_item ->> 'key_id', v_item ->> 'instance_id',
            (v_item ->> 'wanted')::bigint, (v_item ->> 'minimum')::bigint, v_item ->> 'model',
            (v_item ->> 'stream')::boolean, (v_item ->> 'created_at')::timestamptz);
    END LOOP;
END $$;

-- Each item: a usage row by column name, and thread_message_id beside it. One row for each, in their order.
CREATE FUNCTION ledger_settle_many(p_items jsonb)
RETURNS TABLE (outcome text, posted_nano bigint, shortfall_nano bigint)
LANGUAGE plpgsql SET lock_timeout = '1s' AS $$
DECLARE
    v_item jsonb;
BEGIN
    PERFORM ledger_lock_accounts(p_items);
    FOR v_item IN SELECT item FROM jsonb_array_elements(p_items) WITH ORDINALITY AS items (item, at) ORDER BY at LOOP
        RETURN QUERY SELECT * FROM ledger_settle(v_item, v_item ->> 'thread_message_id');
    END LOOP;
END $$;
