typedef int zone_is_to_come;
