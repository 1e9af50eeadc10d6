"""The functions that SQL may call: they compute from their arguments alone. None reaches files, settings, the catalogue or statements."""

from __future__ import annotations

OPERATORS = frozenset({
    "+", "-", "*", "/", "//", "%", "^", "**", "||", "&", "|", "<<", ">>", "~", "!", "~~", "!~~", "~~*", "!~~*", "~~~", "@>", "<@", "&&",
    "^@", "->", "->>", "=", "<>", "<", ">", "<=", ">=", "!=", "@", "~*", "!~", "!~*",
})  # fmt: skip


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


AGGREGATES = _words("""
    count count_star count_if countif sum fsum sum_no_overflow avg mean min max first last any_value arg_min arg_max argmin
    argmax min_by max_by median mode quantile quantile_cont quantile_disc stddev stddev_pop stddev_samp variance var_pop
    var_samp corr covar_pop covar_samp regr_slope regr_intercept regr_r2 skewness kurtosis bool_and bool_or bit_and bit_or
    list array_agg string_agg group_concat listagg product entropy approx_count_distinct row_number rank dense_rank
    percent_rank cume_dist ntile lag lead first_value last_value nth_value grouping grouping_id
""")
NUMBERS = _words("""
    abs ceil ceiling floor round round_even trunc sign sqrt cbrt power pow exp ln log log2 log10 mod greatest least pi radians
    degrees sin cos tan asin acos atan atan2 cot gcd lcm even factorial isnan isinf isfinite add subtract multiply divide fdiv
    fmod width_bucket xor bit_count
""")
TEXTS = _words("""
    length len char_length character_length strlen lower upper lcase ucase trim ltrim rtrim substring substr left right lpad
    rpad replace translate concat concat_ws contains starts_with ends_with prefix suffix instr strpos position reverse
    split_part string_split str_split split regexp_matches regexp_full_match regexp_replace regexp_extract regexp_extract_all
    regexp_split_to_array regexp_escape format printf ascii chr unicode ord levenshtein editdist3 hamming jaccard
    jaro_similarity jaro_winkler_similarity damerau_levenshtein like_escape not_like_escape ilike_escape not_ilike_escape
    initcap strip_accents nfc_normalize hex
""")
TIMES = _words("""
    date_trunc datetrunc date_part datepart date_diff datediff date_sub datesub date_add extract epoch epoch_ms epoch_us year
    month day hour minute second quarter week weekday isodow dayofweek dayofmonth dayofyear weekofyear yearweek dayname
    monthname last_day strftime strptime try_strptime time_bucket age now today current_date current_timestamp
    get_current_timestamp to_timestamp make_date make_timestamp make_timestamptz make_interval to_years to_months to_weeks
    to_days to_hours to_minutes to_seconds to_milliseconds timezone century decade era isoyear julian
""")
VALUES = _words("""
    coalesce ifnull nullif if nvl try_cast typeof list_value list_contains list_has array_contains array_has list_has_any
    list_has_all array_has_any array_has_all list_distinct list_unique list_sort list_reverse_sort list_reverse list_concat
    list_cat list_append list_prepend list_slice array_slice list_extract list_element array_extract list_sum list_avg
    list_min list_max list_count list_filter list_transform list_apply array_filter array_transform apply filter list_position
    list_zip list_reduce reduce array_length cardinality flatten range generate_series unnest struct_pack struct_extract row
    map map_keys map_values map_entries element_at json json_extract json_extract_string json_extract_path
    json_extract_path_text json_array_length json_keys json_type json_valid json_contains json_exists json_value json_object
    json_array from_json json_transform to_json json_structure json_each json_tree json_group_array array_to_string
    list_to_string constant_or_null
""")
FUNCTIONS = OPERATORS | AGGREGATES | NUMBERS | TEXTS | TIMES | VALUES
TABLE_FUNCTIONS = frozenset({"unnest", "range", "generate_series", "json_each", "json_tree"})
