typedef int mta_is_to_come;
