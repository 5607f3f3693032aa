-- Groups that somebody is in and that their credential does not open ("?group:legal"): walls hold against them too.
ALTER POLICY reader ON access_labels
    USING (
        principals && (SELECT nullif(current_setting('footnote.principals', true), '')::text[])
        AND NOT principals && (
            SELECT coalesce(array_agg('!' || ltrim(token, '?')), '{}')
            FROM unnest(nullif(current_setting('footnote.principals', true), '')::text[]) AS token
        )
    );
