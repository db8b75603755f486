typedef int store_is_to_come;
